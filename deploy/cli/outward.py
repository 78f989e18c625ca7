"""`channels`, `notifications`: the services that tell others what the jobs decide."""

import logging

import typer

app = typer.Typer()


@app.command()
def channels() -> None:
    """Keep sales channels up to date, until Ctrl-C; `up` runs it if any is configured."""
    from connectors.channels.service import serve
    from connectors.delivery.following import run
    from connectors.settings import settings

    _log()
    run(serve(settings()))


@app.command()
def notifications() -> None:
    """Send the messages that are asked for, until Ctrl-C; `up` runs it if it has carriers."""
    from connectors.delivery.following import run
    from connectors.notifications.service import serve
    from connectors.settings import settings

    _log()
    run(serve(settings()))


def _log() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
