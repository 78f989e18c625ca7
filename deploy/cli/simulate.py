"""`simulate`: a plausible shop, on the real topics."""

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer()


@app.command()
def simulate(
    seconds: Annotated[float, typer.Option(min=1, help="How long the shop is open.")] = 60,
    rate: Annotated[float, typer.Option(min=1, max=20_000, help="Stock events per second.")] = 200,
    orders: Annotated[
        float | None,
        typer.Option(min=0, max=2000, help="Orders per second; a 20th of the rate if not given."),
    ] = None,
    clicks: Annotated[
        float | None,
        typer.Option(min=0, max=20_000, help="Clicks per second; half of the rate if not given."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed is the same shop, but for time.")] = 1,
) -> None:
    """A plausible shop, on the real topics; counts what it sent on standard error.

    RATE is that of the stock's events. Orders, clicks and answers to the jobs come besides.
    """
    from connectors.registry import Registry
    from connectors.settings import settings
    from deploy.simulate.sender import simulate as run_shop

    started = time.monotonic()
    tally = run_shop(
        settings().kafka_bootstrap,
        Registry(settings().registry_url),
        seconds=seconds,
        rate=rate,
        orders=orders,
        clicks=clicks,
        seed=seed,
    )
    table = Table("sent", "records", title=f"in {time.monotonic() - started:.0f} s")
    table.columns[1].justify = "right"
    for what, count in tally.rows():
        table.add_row(what, f"{count:,}")
    Console(stderr=True).print(table)
