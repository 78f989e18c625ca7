"""`chaos`: faults of every kind while the shop is open, judged at the end."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer()


@app.command()
def chaos(
    minutes: Annotated[
        float, typer.Option(min=3, help="How long the shop is open; two faults a minute.")
    ] = 10,
    seed: Annotated[int, typer.Option(help="The same seed has the same faults in store.")] = 1,
    events: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many are sent meanwhile, at least.")
    ] = 100_000,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="F", help="Write the findings here as well.")
    ] = None,
    logs: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep the services' logs here if it does not hold."),
    ] = None,
) -> None:
    """Kill and stop what the jobs stand on, on a stack of its own, and prove that nothing is lost.

    Exit status 1 if an event is lost or counted twice, or all does not go on in time.
    """
    from deploy.chaos.run import Plan, run

    console = Console(highlight=False, soft_wrap=True)
    plan = Plan(minutes, seed, events)
    findings = run(lambda line: console.print(line, markup=False), plan, logs)
    if json_file is not None:
        json_file.write_text(json.dumps(findings.as_dict(), indent=2) + "\n")
    for verdict in findings.verdicts:
        console.print(str(verdict), markup=False)
    console.print(f"{'PASSED' if findings.ok else 'FAILED'} after {findings.seconds:.0f} s")
    sys.exit(0 if findings.ok else 1)
