"""A Postgres of a test's own, up within two seconds: the stack's binaries, without the stack."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.settings import Settings
from deploy.stack import health, postgres, render
from deploy.stack.health import NotHealthy
from deploy.stack.paths import StackPaths
from deploy.stack.temporary import free_ports

DEADLINE_S = 30.0


@contextmanager
def running_postgres() -> Iterator[Settings]:
    """The settings that describe it."""
    with tempfile.TemporaryDirectory(prefix="shopstream-postgres-") as folder:
        settings = Settings(state_dir=Path(folder), **free_ports())
        paths = StackPaths.of(settings)
        paths.make()
        render.write(render.render(settings))
        postgres.prepare(paths)
        with paths.log("postgres").open("a") as log:
            process = subprocess.Popen(postgres.command(paths), stdout=log, stderr=log)
        try:
            give_up = time.monotonic() + DEADLINE_S
            while True:
                try:
                    health.postgres(settings)
                    break
                except NotHealthy:
                    assert process.poll() is None, paths.log("postgres").read_text()
                    assert time.monotonic() < give_up, "Postgres does not come up"
                    time.sleep(0.05)
            yield settings
        finally:
            process.send_signal(2)  # fast shutdown; TERM would wait for every client to leave
            process.wait(DEADLINE_S)
