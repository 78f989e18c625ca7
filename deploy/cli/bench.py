"""`bench`: figures, each with its peer in the same run, on a stack of the benchmark's own."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from connectors.errors import ShopstreamError

app = typer.Typer(no_args_is_help=True)

JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="F", help="Write the report here as well.")
]


@app.callback()
def bench() -> None:
    """Measure the jobs, each beside its peer in the same run."""


@app.command()
def inventory(
    events: Annotated[int, typer.Option(min=50_000, help="Events of a run.")] = 250_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each rate.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Inventory for one slot: throughput, crowding, latency, and what the time goes into."""
    from bench.inventory import CROWDS, run

    console = Console()
    report = run(events, runs, console)
    _keep(report.as_dict(), json_file)
    table = Table("measured, one slot, Kafka to Kafka exactly once", "result")
    for shape, rates in report.rates.items():
        table.add_row(shape, f"{rates}; the job is {report.ratio(shape):.1f} times as fast")
    for crowd, rates in report.crowds.items():
        table.add_row(f"a sku with {crowd:,} open reservations", str(rates))
    few, many = CROWDS
    table.add_row(f"cost of an event, {many:,} open over {few:,}", f"{report.crowd_ratio:.2f}")
    for name, value in report.latency_ms.items():
        table.add_row(f"readable after, {name}, at 500 events/s", f"{value:,.0f} ms")
    console.print(table)
    console.print(_shares(report.hot_path))


@app.command()
def fraud(
    orders: Annotated[int, typer.Option(min=50_000, help="Orders of a run.")] = 200_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each figure.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Fraud: the delay of a decision on two TaskManagers, and the rate of one slot."""
    from bench.fraud import run

    console = Console()
    report = run(orders, runs, console)
    _keep(report.as_dict(), json_file)
    table = Table("measured", "result")
    for (shape, rate), delays in report.delays.items():
        table.add_row(f"decided after, {shape}, {rate:,} orders/s", str(delays))
    table.add_row("one slot, catching up", str(report.short))
    table.add_row("one slot, customers with a long history", str(report.long))
    table.add_row("cost of an order, long history over short", f"{report.history_ratio:.2f}")
    console.print(table)
    console.print(_shares(report.hot_path))


@app.command()
def fraud_quality(
    path: Annotated[
        Path, typer.Argument(metavar="CSV", help="Labelled transactions; docs/fraud.md says which.")
    ],
    json_file: JsonFile = None,
) -> None:
    """Fraud rules fitted on half of labelled transactions, judged on the other, beside amounts."""
    from bench.fraud_quality import run

    if not path.is_file():
        raise ShopstreamError(f"expected a file of labelled transactions, came {path}: none there")
    report = run(path)
    _keep(report.as_dict(), json_file)
    table = Table(f"{report.judged:,} judged, {report.frauds:,} frauds", "rules", "amount alone")
    for name, value in asdict(report.rules).items():
        table.add_row(name, f"{value:.3f}", f"{asdict(report.baseline)[name]:.3f}")
    console = Console()
    console.print(table)
    bands = Table("band", *next(iter(report.bands.values())))
    for band, shares in report.bands.items():
        bands.add_row(band, *(f"{share:.1%}" for share in shares.values()))
    console.print(bands)


@app.command()
def clickstream(
    events: Annotated[int, typer.Option(min=50_000, help="Events of a run.")] = 2_000_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each figure.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Clickstream SQL for one slot beside Bytewax and Quix Streams, and the delay of a session."""
    from bench.clickstream import ENGINES, LATENCY_RATE, run

    console = Console()
    report = run(events, runs, console)
    _keep(report.as_dict(), json_file)
    table = Table("one slot, Kafka to Kafka", *ENGINES, "SQL over the better peer")
    for job, rates in report.rates.items():
        table.add_row(job, *(str(rates[engine]) for engine in ENGINES), f"{report.ratio(job):.1f}")
    console.print(table)
    delays = Table(f"features.session readable after, {LATENCY_RATE:,} events/s", "of each run")
    for name in report.latency_ms[0]:
        delays.add_row(name, ", ".join(f"{run[name]:,.0f} ms" for run in report.latency_ms))
    console.print(delays)


@app.command(name="all")
def everything(
    runs: Annotated[int, typer.Option(min=1, help="Runs of each figure.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Inventory, fraud and clickstream one after the other, in about an hour."""
    from bench import clickstream, fraud, inventory

    console = Console()
    report = {
        "inventory": inventory.run(250_000, runs, console).as_dict(),
        "fraud": fraud.run(200_000, runs, console).as_dict(),
        "clickstream": clickstream.run(2_000_000, runs, console).as_dict(),
    }
    _keep(report, json_file)
    console.print_json(data=report)


@app.command()
def timeline(
    events: Annotated[int, typer.Option(min=10_000, help="Events in the log.")] = 1_000_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each question.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Timelines among a million events: from the command to its answer."""
    from bench.timeline import run

    console = Console()
    report = run(events, runs, console)
    _keep(report.as_dict(), json_file)
    table = Table(f"timeline of, among {report.events:,} events", "answered after")
    for kind, waits in report.waits.items():
        table.add_row(kind, str(waits))
    console.print(table)


@app.command()
def guard(
    events: Annotated[int, typer.Option(min=50_000, help="Events of a run.")] = 1_000_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each figure.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Clickstream SQL for one slot, with what keeps bad records from stopping it and without."""
    from bench.guard import run

    console = Console()
    report = run(events, runs, console)
    _keep(report.as_dict(), json_file)
    table = Table("one slot, Kafka to Kafka", "guarded", "as Flink reads Avro", "guarded over it")
    for job in report.guarded:
        row = (str(report.guarded[job]), str(report.plain[job]), f"{report.ratio(job):.2f}")
        table.add_row(job, *row)
    console.print(table)


@app.command()
def scale(
    keys: Annotated[
        list[int] | None, typer.Option(min=1, help="How many skus; repeat it for more.")
    ] = None,
    events: Annotated[int, typer.Option(min=50_000, help="Events of a run.")] = 200_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each figure.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Inventory by how many skus it has state of, on the heap and in RocksDB."""
    from bench.scale import KEYS, run

    console = Console()
    report = run(keys or KEYS, events, runs, console)
    _keep(report.as_dict(), json_file)
    table = Table("one slot", "keys", "rate", "cost of an event", "checkpoint", "p50", "max")
    for (backend, count), rates in report.rates.items():
        cost, one = report.cost(backend, count), report.checkpoint(backend, count)
        sizes = f"{one.size / 1e6:,.1f} MB", f"{one.p50_ms:,.0f} ms", f"{one.max_ms:,.0f} ms"
        table.add_row(backend, f"{count:,}", str(rates), f"{cost:.2f}", *sizes)
    console.print(table)


@app.command()
def webhooks(
    webhooks: Annotated[int, typer.Option(min=1_000, help="How many are sent.")] = 100_000,
    kills: Annotated[int, typer.Option(min=0, help="Kills, of gateway and Kafka in turn.")] = 6,
    json_file: JsonFile = None,
) -> None:
    """The gateway for webhooks: every delivery exactly once through kills, and how fast."""
    from bench.webhooks import run

    console = Console()
    report = run(webhooks, kills, console)
    _keep(report.as_dict(), json_file)
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

    console = Console()
    report = run(edits, console)
    _keep(report.as_dict(), json_file)
    table = Table(f"after the commit, of {edits} edits", "p50", "p90", "p99", "max")
    for end in report.delays:
        table.add_row(end, *(f"{delay:,.0f} ms" for delay in report.percentiles(end).values()))
    console.print(table)


@app.command()
def readmodel(
    events: Annotated[int, typer.Option(min=50_000, help="Events of a run.")] = 1_000_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each figure.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Read models: rebuilds from the log, beside the job that writes row by row."""
    from bench.readmodel import run

    console = Console()
    report = run(events, runs, console)
    _keep(report.as_dict(), json_file)
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

    console = Console()
    report = run(bursts, console)
    _keep(report.as_dict(), json_file)
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


def _keep(report: dict[str, Any], json_file: Path | None) -> None:
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=2) + "\n")


def _shares(hot_path: dict[str, float]) -> Table:
    shares = Table("the tasks' time goes into", "share")
    for kind, share in hot_path.items():
        shares.add_row(kind, f"{share:.0%}")
    return shares
