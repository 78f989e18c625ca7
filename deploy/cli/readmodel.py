"""`readmodel check`, `readmodel rebuild`, `readmodel show`: the tables that everybody reads."""

import sys
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(no_args_is_help=True, help="Check, rebuild and show the read models.")
console = Console(highlight=False, soft_wrap=True)

DIFFERENCES_SHOWN = 20


@app.command()
def check(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A read model; else all of them.")
    ] = None,
    wait_s: Annotated[
        float,
        typer.Option("--wait", min=0, metavar="S", help="How long a table may take to catch up."),
    ] = 120.0,
) -> None:
    """Fold the log independently and compare it with the tables, row by row.

    Waits for what is on its way into a table. Exit status 1, and the differences, if rows differ.
    """
    from connectors.settings import settings
    from deploy.readmodel.check import drifts
    from deploy.readmodel.models import READ_MODELS, read_model

    models = [read_model(name)] if name else READ_MODELS.values()
    drifted = False
    for found in drifts(models, settings(), wait_s):
        differing = found.differences
        verdict = f"{len(differing):,} rows differ" if differing else "no drift"
        console.print(f"{found.name}: {verdict}, {found.rows:,} rows of {found.events:,} events")
        for difference in differing[:DIFFERENCES_SHOWN]:
            console.print(f"    {difference}", markup=False)
        if len(differing) > DIFFERENCES_SHOWN:
            console.print(f"    and {len(differing) - DIFFERENCES_SHOWN:,} more")
        drifted = drifted or bool(differing)
    sys.exit(1 if drifted else 0)


@app.command()
def rebuild(name: Annotated[str, typer.Argument(metavar="NAME", help="The read model.")]) -> None:
    """Make a table anew from the log and put it in the place of the old one, all at once."""
    from connectors.postgres import connected
    from connectors.registry import Registry
    from connectors.settings import settings
    from deploy.audit.log import LogReader
    from deploy.readmodel.models import read_model
    from deploy.readmodel.rebuild import rebuild as make_anew

    model, registry = read_model(name), Registry(settings().registry_url)
    with (
        connected(settings().postgres_dsn) as connection,
        LogReader(settings().kafka_bootstrap, registry, model.topics) as log,
        console.status(f"rebuilding {name}"),
    ):
        made = make_anew(model, log, connection)
    console.print(
        f"{name}: {made.rows:,} rows of {made.events:,} events in {made.seconds:.1f} s, "
        f"{made.events_per_s:,.0f} events/s; swapped in, writers waited {made.swap_s:.2f} s"
    )


@app.command()
def show() -> None:
    """Show a few rows of every table."""
    from connectors.settings import settings
    from deploy.readmodel.show import tables

    Console().print(tables(settings().postgres_dsn))
