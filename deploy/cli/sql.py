"""`sql check`, `sql run`: the analysts' gate and runner."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from connectors.errors import ShopstreamError
from connectors.registry import Registry
from connectors.settings import settings

app = typer.Typer(no_args_is_help=True, help="Check SQL and run it.")
console = Console(highlight=False, soft_wrap=True)


@app.command()
def check(
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="A file, a folder or a test; else all.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and check again what changes.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="REV", help="Instead, which state a running job would lose since this revision."
        ),
    ] = None,
) -> None:
    """Lint, plan and test SQL: style, planner, meaning, golden tests, in this order.

    Exit status 1 if something does not hold; then the first stage that found it has the word.
    """
    from jobs.sql.room import SQL

    where = (path or SQL).resolve()
    if against is not None:
        from deploy.gate.against import against_revision

        for line in against_revision(where, against, settings()):
            console.print(line, markup=False)
        return
    if watch:
        from deploy.gate.watch import watching

        watching(where, _check)
        return
    if not _check([where]):
        sys.exit(1)


def _check(paths: list[Path]) -> bool:
    """Check and say what was found; True if all holds."""
    from deploy.gate.check import check as gate

    with console.status("") as status:
        verdict = gate(paths, settings(), status.update)
    for finding in verdict.findings:
        console.print(str(finding), markup=False)
        for line in finding.detail.splitlines():
            colour = {"-": "red", "+": "green"}.get(line[0])
            console.print(f"    {line}", markup=False, style=colour)
    if verdict.findings:
        stage = verdict.findings[0].stage
        console.print(f"{len(verdict.findings)} findings by {stage}", markup=False)
    else:
        console.print(f"{verdict.files} files and {verdict.tests} golden tests hold")
    return not verdict.findings


@app.command()
def run(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder of views and inserts.")],
    fresh: Annotated[
        bool,
        typer.Option(help="Ignore savepoints and checkpoints; read the topics from the start."),
    ] = False,
    drop_lost_state: Annotated[
        bool, typer.Option(help="Go on without the state that no operator takes any more.")
    ] = False,
    wait: Annotated[bool, typer.Option(help="Return when the job runs.")] = False,
) -> None:
    """Submit a folder as one statement set; the job has the folder's name."""
    from deploy.cluster import FlinkCluster
    from deploy.gate.check import folder_of

    folder = folder_of(path.resolve(), settings())
    if not folder.inserts:
        raise ShopstreamError(f"{path} has no INSERT INTO, so there is nothing to run")
    cluster = FlinkCluster(settings())
    Registry(settings().registry_url).wait(lambda said: print(said, file=sys.stderr))
    with console.status(f"submitting {folder.name}"):
        job_id, state = cluster.submit_sql(folder.name, folder.path, fresh, drop_lost_state)
    origin = f"resumed from {state}" if state else "from the beginning of its topics"
    console.print(f"{folder.name} submitted as {job_id}, {origin}")
    if wait:
        with console.status(f"waiting for {folder.name}"):
            cluster.wait_until_deciding(folder.name)
        console.print(f"{folder.name} is running")
