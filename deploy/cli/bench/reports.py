"""What all benchmarks have in common: where a report goes."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True)

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
