"""Benchmarks of the jobs."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from connectors.errors import ShopstreamError
from deploy.cli.bench.reports import Events, JsonFile, Runs, app, console, keep


@app.command()
def inventory(
    events: Events = 250_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each rate.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Inventory for one slot: throughput, crowding, latency, and what the time goes into."""
    from bench.inventory import CROWDS, run

    report = run(events, runs, console)
    keep(report.as_dict(), json_file)
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
    runs: Runs = 3,
    json_file: JsonFile = None,
) -> None:
    """Fraud: the delay of a decision on two TaskManagers, the rate of one slot, and peers."""
    from bench.fraud import run

    report = run(orders, runs, console)
    keep(report.as_dict(), json_file)
    table = Table("measured", "result")
    for (shape, rate), delays in report.delays.items():
        table.add_row(f"decided after, {shape}, {rate:,} orders/s", str(delays))
    table.add_row("one slot, catching up", str(report.short))
    table.add_row("one slot, customers with a long history", str(report.long))
    table.add_row("cost of an order, long history over short", f"{report.history_ratio:.2f}")
    for name, peer in report.peers.items():
        table.add_row(name, f"{peer}; the job is {report.ratio(name):.1f} times as fast")
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
    keep(report.as_dict(), json_file)
    table = Table(f"{report.judged:,} judged, {report.frauds:,} frauds", "rules", "amount alone")
    for name, value in asdict(report.rules).items():
        table.add_row(name, f"{value:.3f}", f"{asdict(report.baseline)[name]:.3f}")
    console.print(table)
    bands = Table("band", *next(iter(report.bands.values())))
    for band, shares in report.bands.items():
        bands.add_row(band, *(f"{share:.1%}" for share in shares.values()))
    console.print(bands)


@app.command()
def clickstream(
    events: Events = 2_000_000,
    runs: Runs = 3,
    json_file: JsonFile = None,
) -> None:
    """Clickstream SQL for one slot beside Bytewax and Quix Streams, and the delay of a session."""
    from bench.clickstream import ENGINES, LATENCY_RATE, run

    report = run(events, runs, console)
    keep(report.as_dict(), json_file)
    table = Table("one slot, Kafka to Kafka", *ENGINES, "SQL over the better peer")
    for job, rates in report.rates.items():
        table.add_row(job, *(str(rates[engine]) for engine in ENGINES), f"{report.ratio(job):.1f}")
    console.print(table)
    delays = Table(f"features.session readable after, {LATENCY_RATE:,} events/s", "of each run")
    for name in report.latency_ms[0]:
        delays.add_row(name, ", ".join(f"{run[name]:,.0f} ms" for run in report.latency_ms))
    console.print(delays)


@app.command()
def other_jobs(
    events: Events = 200_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each rate.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """Orders, pricing and engagement: one slot and two, catching up, peers, and the delay."""
    from bench.delays import PERCENTILES
    from bench.other_jobs import JOBS, PACE_PER_S, PROGRAMS, SLOTS, run

    report = run(events, runs, console)
    keep(report.as_dict(), json_file)
    table = Table("catching up", *(f"slots: {slots}" for slots in SLOTS), "two over one")
    for job in JOBS:
        rates = (str(report.rates[job.name, slots]) for slots in SLOTS)
        table.add_row(job.name, *rates, f"{report.gain(job.name):.2f}")
    console.print(table)
    peers = Table("one slot over", *PROGRAMS)
    for job in JOBS:
        over = (
            f"{report.ratio(job.name, name):.1f} of {report.peers[job.name, name]}"
            for name in PROGRAMS
        )
        peers.add_row(job.name, *over)
    console.print(peers)
    delays = Table(f"readable after, {PACE_PER_S:,} a second", *PERCENTILES)
    for (name, slots), of in report.latency_ms.items():
        told = (f"{of[percentile]:,.0f} ms" for percentile in PERCENTILES)
        delays.add_row(f"{name}, slots: {slots}", *told)
    console.print(delays)


@app.command(name="all")
def everything(
    runs: Runs = 3,
    json_file: JsonFile = None,
) -> None:
    """All jobs one after the other, in about an hour and a half."""
    from bench import clickstream, fraud, inventory, other_jobs

    parts = {
        "inventory": (inventory, 250_000),
        "fraud": (fraud, 200_000),
        "clickstream": (clickstream, 2_000_000),
        "other jobs": (other_jobs, 200_000),
    }
    report = {}
    for name, (part, events) in parts.items():
        report[name] = part.run(events, runs, console).as_dict()
        keep(report, json_file)  # an hour's figures are not lost with the next part
    console.print_json(data=report)


@app.command()
def guard(
    events: Events = 1_000_000,
    runs: Runs = 3,
    json_file: JsonFile = None,
) -> None:
    """Clickstream SQL for one slot, with what keeps bad records from stopping it and without."""
    from bench.guard import run

    report = run(events, runs, console)
    keep(report.as_dict(), json_file)
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
    events: Events = 200_000,
    runs: Runs = 3,
    json_file: JsonFile = None,
) -> None:
    """Inventory by how many skus it has state of, on the heap and in RocksDB."""
    from bench.scale import KEYS, run

    report = run(keys or KEYS, events, runs, console)
    keep(report.as_dict(), json_file)
    table = Table("one slot", "keys", "rate", "cost of an event", "checkpoint", "p50", "max")
    for (backend, count), rates in report.rates.items():
        cost, one = report.cost(backend, count), report.checkpoint(backend, count)
        sizes = f"{one.size / 1e6:,.1f} MB", f"{one.p50_ms:,.0f} ms", f"{one.max_ms:,.0f} ms"
        table.add_row(backend, f"{count:,}", str(rates), f"{cost:.2f}", *sizes)
    console.print(table)


def _shares(hot_path: dict[str, float]) -> Table:
    shares = Table("the tasks' time goes into", "share")
    for kind, share in hot_path.items():
        shares.add_row(kind, f"{share:.0%}")
    return shares
