"""`webhooks`: the gateway for shops' webhooks."""

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def webhooks(
    host: Annotated[
        str | None, typer.Option(help="The address to listen at; the settings' host if not given.")
    ] = None,
) -> None:
    """Receive webhooks until a signal comes; the local stack runs one already."""
    from connectors.settings import settings
    from connectors.webhooks.serve import serve

    serve(settings(), host or settings().host)
