"""`submit`, `jobs`, `stop`: jobs on the cluster."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from connectors.registry import Registry
from connectors.settings import settings
from deploy.cluster import FlinkCluster

app = typer.Typer()
console = Console()

JobNames = Annotated[list[str], typer.Argument(metavar="JOB...", help="Jobs, by name.")]


@app.command()
def submit(
    job: JobNames,
    wait: Annotated[bool, typer.Option(help="Return when the job decides.")] = False,
    fresh: Annotated[
        bool, typer.Option(help="Ignore the job's savepoints and checkpoints; decide all again.")
    ] = False,
    accept_loss: Annotated[
        bool, typer.Option(help="Resume even where Kafka has aborted outputs after an outage.")
    ] = False,
) -> None:
    """Start jobs on the cluster, each from its newest savepoint or checkpoint if it has one."""
    cluster = FlinkCluster(settings())
    Registry(settings().registry_url).wait(lambda said: print(said, file=sys.stderr))
    with console.status(f"submitting {', '.join(job)}"):
        submitted = cluster.submit(job, fresh, accept_loss)
    for name, (job_id, state) in submitted.items():
        origin = f"resumed from {state}" if state else "from the beginning of its topics"
        console.print(f"{name} submitted as {job_id}, {origin}", soft_wrap=True)
    for name in job if wait else ():
        with console.status(f"waiting for {name}"):
            cluster.wait_until_deciding(name)
        console.print(f"{name} is running")


@app.command()
def jobs(
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """Show the jobs on the cluster."""
    found = FlinkCluster(settings()).jobs()
    if as_json:
        print(json.dumps([asdict(job) for job in found], indent=2))
        return
    table = Table("job", "state", "since (UTC)", "tasks", "restarts", "checkpoints", "last", "size")
    for job in found:
        since = datetime.fromtimestamp(job.since / 1000, UTC)
        table.add_row(
            job.name,
            job.state,
            f"{since:%Y-%m-%d %H:%M:%S}",
            f"{job.tasks_running}/{job.tasks}",
            str(job.restarts),
            str(job.checkpoints),
            "" if job.last_checkpoint_ms is None else f"{job.last_checkpoint_ms} ms",
            "" if job.last_checkpoint_bytes is None else f"{job.last_checkpoint_bytes:,} B",
        )
    console.print(table)


@app.command()
def stop(
    job: Annotated[str, typer.Argument(metavar="JOB", help="The job, by name.")],
    savepoint: Annotated[
        bool, typer.Option("--savepoint", help="Take a savepoint; else the last checkpoint stays.")
    ] = False,
) -> None:
    """Stop a job; `submit` resumes it where it stopped."""
    with console.status(f"stopping {job}"):
        taken = FlinkCluster(settings()).stop(job, savepoint)
    console.print(f"{job} stopped" + (f", savepoint {taken}" if taken else ""), soft_wrap=True)
