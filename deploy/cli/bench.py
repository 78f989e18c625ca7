"""`bench`: figures, each with its peer in the same run, on a stack of the benchmark's own."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure the jobs, each beside its peer in the same run."""


@app.command()
def inventory(
    events: Annotated[int, typer.Option(min=50_000, help="Events of a run.")] = 250_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each rate.")] = 3,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="F", help="Write the report here as well.")
    ] = None,
) -> None:
    """Inventory for one slot: throughput, crowding, latency, and what the time goes into."""
    from bench.inventory import CROWDS, run

    console = Console()
    report = run(events, runs, console)
    if json_file is not None:
        json_file.write_text(json.dumps(report.as_dict(), indent=2) + "\n")
    table = Table("measured, one slot, Kafka to Kafka exactly once", "result")
    table.add_row("batched", str(report.batched))
    table.add_row("unbatched", str(report.unbatched))
    for crowd, rates in report.crowds.items():
        table.add_row(f"a sku with {crowd:,} open reservations", str(rates))
    few, many = CROWDS
    table.add_row(f"cost of an event, {many:,} open over {few:,}", f"{report.crowd_ratio:.2f}")
    for name, value in report.latency_ms.items():
        table.add_row(f"readable after, {name}, at 500 events/s", f"{value:,.0f} ms")
    console.print(table)
    shares = Table("the task's time goes into", "share")
    for kind, share in report.hot_path.items():
        shares.add_row(kind, f"{share:.0%}")
    console.print(shares)
