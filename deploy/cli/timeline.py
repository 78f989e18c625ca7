"""`timeline`: all that the log tells of an order, a customer or a sku."""

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from connectors.clock import now_ms
from deploy.moments import SYNTAX, moment

app = typer.Typer()


class Kind(StrEnum):
    order = "order"
    customer = "customer"
    sku = "sku"


@app.command()
def timeline(
    kind: Annotated[Kind, typer.Argument(help="What it is about.")],
    name: Annotated[str, typer.Argument(metavar="ID", help="Its id.")],
    at: Annotated[str, typer.Option("--at", metavar="T", help=f"Until when: {SYNTAX}.")] = "now",
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON on standard output, every record whole.")
    ] = False,
) -> None:
    """Everything that happened, what was decided and why, in order; and the state as of T."""
    from connectors.settings import settings
    from deploy.timeline.timeline import timeline as read

    found = read(settings(), kind.value, name, moment(at, now_ms()))
    if as_json:
        json.dump(found.as_dict(), sys.stdout, indent=2, default=_text)
        print()
    else:
        Console().print(found.render())


def _text(value: object) -> str:
    """Bytes, of dead letters, as hexadecimal text."""
    return value.hex() if isinstance(value, bytes) else str(value)
