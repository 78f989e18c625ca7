"""`replay`: a stretch of a job's past again, by the rules of now or by others."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from connectors.clock import now_ms
from deploy.moments import SYNTAX, moment

app = typer.Typer()


@app.command()
def replay(
    job: Annotated[str, typer.Argument(metavar="JOB", help="A job of Python rules, by name.")],
    since: Annotated[str, typer.Option("--from", metavar="T", help=f"Its start: {SYNTAX}.")],
    until: Annotated[str, typer.Option("--to", metavar="T", help="Its end, as --from.")] = "now",
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="TOPIC/RECORD.FIELD=VALUE",
            help="Reference data as it was not, such as fraud.rules/velocity.weight=30.",
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the shadow topics.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="F", help="Write every difference here.")
    ] = None,
) -> None:
    """Decide a past interval again, into shadow topics, and compare with what was decided then.

    The job as the cluster has it reads the log from its beginning, in the order in which it came.
    What it puts out goes nowhere else. Exit status 1 if, without --set, anything is other than it
    was.
    """
    from connectors.settings import settings
    from deploy.replay.report import lines, table
    from deploy.replay.run import replay as run

    console, now = Console(), now_ms()
    with console.status("") as status:
        found = run(
            settings(),
            job,
            moment(since, now),
            moment(until, now),
            changes=changes or [],
            keep=keep,
            say=lambda line: status.update(line),
        )
    if json_file is not None:
        json_file.write_text(json.dumps(found.as_dict(), indent=2, default=_text) + "\n")
    console.print(table(found))
    for line in lines(found):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    sys.exit(1 if found.differences and not changes else 0)


def _text(value: object) -> str:
    """Bytes, of dead letters, as text."""
    return value.hex() if isinstance(value, bytes) else str(value)
