"""The `shopstream` command: one module a group of commands, each an app of its own."""

import sys

import typer
from pydantic import ValidationError

from connectors.errors import ShopstreamError
from deploy.cli import (
    bench,
    chaos,
    demo,
    dlq,
    jobs,
    outward,
    readmodel,
    replay,
    simulate,
    sql,
    stack,
    timeline,
    topics,
    upgrade,
    webhooks,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
for group in (
    stack,
    jobs,
    topics,
    simulate,
    demo,
    upgrade,
    replay,
    timeline,
    chaos,
    webhooks,
    outward,
):
    app.registered_commands += group.app.registered_commands
app.add_typer(bench.app, name="bench")
app.add_typer(dlq.app, name="dlq")
app.add_typer(sql.app, name="sql")
app.add_typer(readmodel.app, name="readmodel")


def main() -> None:
    """Run the command line; an expected error is one line on standard error and status 1."""
    try:
        app()
    except ShopstreamError as error:
        print(f"shopstream: {error}", file=sys.stderr)
        sys.exit(1)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        print(f"shopstream: invalid settings: {problems}; see settings.toml", file=sys.stderr)
        sys.exit(1)
