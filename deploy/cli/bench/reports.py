"""What all benchmarks have in common: what they ask for, and where a report goes."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

app = typer.Typer(no_args_is_help=True)
console = Console()

Events = Annotated[int, typer.Option(min=50_000, help="Events of a run.")]
Runs = Annotated[int, typer.Option(min=1, help="Runs of each figure.")]
JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="F", help="Write the report here as well.")
]


@app.callback()
def bench() -> None:
    """Measure the jobs, each beside its peer in the same run."""


def keep(report: dict[str, Any], json_file: Path | None) -> None:
    """Write the report to the file, if one is wanted."""
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=2) + "\n")
