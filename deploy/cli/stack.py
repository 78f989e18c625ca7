"""`up`, `down`, `status`, `doctor`: the local stack."""

import typer

app = typer.Typer()
