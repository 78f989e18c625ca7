"""`upgrade`, `states`: other code for a running job, and what its state must fit."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from connectors.errors import ShopstreamError
from connectors.settings import ROOT, settings

app = typer.Typer()
console = Console(highlight=False, soft_wrap=True)

DropLostState = Annotated[
    bool, typer.Option("--drop-lost-state", help="Go on without state that nothing takes any more.")
]


@app.command()
def upgrade(
    job: Annotated[str, typer.Argument(metavar="JOB", help="The running job, by name.")],
    to: Annotated[
        Path, typer.Option(metavar="CHECKOUT", help="Where the code is that it is to run.")
    ] = ROOT,
    wait_healthy: Annotated[
        float, typer.Option(metavar="S", min=1, help="Seconds without a failure that prove it.")
    ] = 30,
    drop_lost_state: DropLostState = False,
) -> None:
    """Stop a job with a savepoint and go on from it with other code, or go back by itself.

    Exit status 1 if the job does not run that code afterwards.
    """
    from deploy.cluster import FlinkCluster
    from deploy.upgrade import upgrade as run

    def say(line: str) -> None:
        console.print(line, markup=False)

    cluster = FlinkCluster(settings())
    run(cluster, job, to.resolve(), wait_healthy, say, drop_lost_state)


@app.command()
def states(
    write: Annotated[bool, typer.Option("--write", help="Write jobs/states.yaml anew.")] = False,
    drop_lost_state: DropLostState = False,
) -> None:
    """Check that jobs/states.yaml lists what savepoints of the jobs hold; status 1 if not."""
    from deploy.states import listed

    with console.status("planning the jobs"):
        found = listed.today()
    if write:
        listed.write(found, drop_lost_state)
    elif differing := listed.differing(found):
        raise ShopstreamError(
            f"{'; '.join(differing)}; if that is meant, run `shopstream states --write`"
        )
    console.print(f"{listed.PATH.name} lists the states of {len(found)} jobs")
