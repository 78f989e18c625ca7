"""`up`, `down`, `status`, `doctor`: the local stack."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer()


def _say(line: str) -> None:
    Console(highlight=False, soft_wrap=True).print(line, markup=False)


@app.command()
def up(
    _wait: Annotated[
        bool, typer.Option("--wait", help="Wait until all is healthy; it does so without, too.")
    ] = False,
) -> None:
    """Start or repair the local stack and provision it; a second call changes nothing."""
    from deploy.stack import stack

    stack.up(_say)


@app.command()
def down(
    purge: Annotated[bool, typer.Option("--purge", help="Remove its state as well.")] = False,
) -> None:
    """Stop the local stack; what it stored stays unless purged."""
    from deploy.stack import stack

    stack.down(_say, purge)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show every service of the local stack; exit status 1 if one is not healthy."""
    from connectors.cdc.replication import replication
    from connectors.settings import settings
    from deploy.stack import stack

    found = stack.status()
    slot = replication(settings())
    healthy = all(service.healthy for service in found)
    if as_json:
        listed = {
            "healthy": healthy,
            "services": [asdict(service) for service in found],
            "replication": None if slot is None else asdict(slot),
        }
        print(json.dumps(listed, indent=2))
    else:
        table = Table("service", "state", "pid", "uptime", "port", "healthy")
        for service in found:
            table.add_row(
                service.name,
                service.state,
                str(service.pid or ""),
                f"{service.uptime_s} s" if service.pid else "",
                str(service.port or ""),
                "yes" if service.healthy else f"no: {service.reason}",
            )
        Console().print(table)
        if slot is not None:
            _say(f"changes of the shop's tables: {slot}")
    sys.exit(0 if healthy else 1)


@app.command()
def doctor() -> None:
    """Check what the local stack needs from this machine; what is missing comes with its fix."""
    from connectors.settings import settings
    from deploy.stack.doctor import diagnose

    checks = diagnose(settings())
    for check in checks:
        verdict, fix = ("ok  ", "") if check.ok else ("FAIL", f"; fix: {check.fix}")
        _say(f"{verdict} {check.name}: {check.found}{fix}")
    sys.exit(0 if all(check.ok for check in checks) else 1)
