"""Benchmarks of what is around the jobs."""

from typing import Annotated

import typer
from rich.table import Table

from connectors.errors import ShopstreamError
from deploy.cli.bench.reports import Events, JsonFile, Runs, app, console, keep


@app.command()
def timeline(
    events: Annotated[int, typer.Option(min=10_000, help="Events in the log.")] = 1_000_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each question.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Timelines among a million events: from the command to its answer."""
    from bench.timeline import run

    report = run(events, runs, console)
    keep(report.as_dict(), json_file)
    table = Table(f"timeline of, among {report.events:,} events", "answered after")
    for kind, waits in report.waits.items():
        table.add_row(kind, str(waits))
    console.print(table)


@app.command()
def webhooks(
    webhooks: Annotated[int, typer.Option(min=1_000, help="How many are sent.")] = 100_000,
    kills: Annotated[int, typer.Option(min=0, help="Kills, of gateway and Kafka in turn.")] = 6,
    json_file: JsonFile = None,
) -> None:
    """The gateway for webhooks: every delivery exactly once through kills, and how fast."""
    from bench.webhooks import run

    report = run(webhooks, kills, console)
    keep(report.as_dict(), json_file)
    table = Table(f"{report.webhooks:,} webhooks, {report.offered_per_s:,.0f} a second", "result")
    for name, count in report.counts.items():
        table.add_row(name.replace("_", " "), f"{count:,}")
    table.add_row("requests answered a second, faults included", f"{report.answered_per_s:,.0f}")
    for when, percentiles in (("calm", report.calm_ms), ("faults included", report.all_ms)):
        for name, ms in percentiles.items():
            table.add_row(f"acknowledged after, {name}, {when}", f"{ms:,.0f} ms")
    console.print(table)
    if report.problems:
        raise ShopstreamError("; ".join(report.problems))


@app.command()
def cdc(
    edits: Annotated[
        int, typer.Option(min=10, max=300, help="Edits of a price policy, and of a fraud rule.")
    ] = 50,
    json_file: JsonFile = None,
) -> None:
    """How long after an edit in Postgres a price or a fraud decision goes by it."""
    from bench.cdc import run

    report = run(edits, console)
    keep(report.as_dict(), json_file)
    table = Table(f"after the commit, of {edits} edits", "p50", "p90", "p99", "max")
    for end in report.delays:
        table.add_row(end, *(f"{delay:,.0f} ms" for delay in report.percentiles(end).values()))
    console.print(table)


@app.command()
def readmodel(
    events: Events = 1_000_000,
    runs: Runs = 3,
    json_file: JsonFile = None,
) -> None:
    """Read models: rebuilds from the log, beside the job that writes row by row."""
    from bench.readmodel import run

    report = run(events, runs, console)
    keep(report.as_dict(), json_file)
    table = Table(f"{events:,} events", "result")
    for name, rates in report.rebuilds.items():
        table.add_row(f"rebuild of {name}", str(rates))
    table.add_row("the job into availability, one slot", str(report.job))
    table.add_row("writers waited for a swap, at most", f"{max(report.swaps_s):.2f} s")
    console.print(table)


@app.command()
def channels(
    bursts: Annotated[int, typer.Option(min=1, help="Bursts, one after the other.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Sales channels: bursts of 1,000 changes on 100 skus under a limit of 2 calls a second."""
    from bench.channels import CHANGES, RATE, run

    report = run(bursts, console)
    keep(report.as_dict(), json_file)
    table = Table(f"{CHANGES:,} changes, {RATE:g} calls/s", "skus", "calls", "seconds", "wrong")
    named = {f"burst {number}": one for number, one in enumerate(report.bursts, start=1)}
    named |= {"virtual time, the latest": report.latest, "virtual time, every one": report.every}
    for name, burst in named.items():
        figures = f"{burst.calls:,}", f"{burst.seconds:,.1f}", str(burst.wrong)
        table.add_row(name, str(burst.skus), *figures)
    console.print(table)
    console.print(
        f"calls above the limit: {report.limited}; most within any second: "
        f"{report.most_within_a_second}"
    )
