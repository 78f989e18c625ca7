"""`demo`: everything at once, judged at the end."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from connectors.clock import now_ms

app = typer.Typer()


@app.command()
def demo(
    seconds: Annotated[float, typer.Option(min=60, help="How long the shop is open.")] = 75,
    seed: Annotated[int, typer.Option(help="The same seed is the same shop, but for time.")] = 1,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="F", help="Write the findings here as well.")
    ] = None,
) -> None:
    """Up, submit, simulate, show it live, then check the invariants and say what was found."""
    from connectors.settings import settings
    from deploy.demo.customer import whose
    from deploy.demo.demo import run
    from deploy.demo.report import quality_table
    from deploy.readmodel.show import tables
    from deploy.timeline.timeline import timeline

    console = Console()
    findings = run(settings(), console, seconds, seed)
    if json_file is not None:
        json_file.write_text(json.dumps(findings.as_dict(), indent=2) + "\n")
    latency = findings.view.latency_ms()
    console.print()
    for verdict in findings.judged:
        console.print(str(verdict), highlight=False, markup=False, soft_wrap=True)
    for fold in (findings.view.funnel, findings.view.prices, findings.view.messages):
        console.print(fold.render())
    console.print(quality_table(findings.quality))
    if latency:
        delays = ", ".join(f"{name} {delay:,.0f} ms" for name, delay in latency.items())
        console.print(
            f"once warm, decisions were readable (read_committed) after {delays}",
            highlight=False,
            soft_wrap=True,
        )
    for line in findings.story.lines():
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if (customer := whose(findings.view)) is not None:
        now = now_ms()
        console.print(timeline(settings(), "customer", customer, now).render())
    console.print(tables(settings().postgres_dsn))
    console.print(
        f"{'PASSED' if findings.ok else 'FAILED'} after {findings.seconds:.0f} s. "
        "The stack still runs: look around with `shopstream jobs` and `shopstream consume TOPIC`, "
        "stop it with `shopstream down`.",
        highlight=False,
        soft_wrap=True,
    )
    sys.exit(0 if findings.ok else 1)
