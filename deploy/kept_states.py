"""The savepoints and retained checkpoints of jobs, on the disk that the cluster shares."""

import shutil
from pathlib import Path

from connectors.settings import Settings
from connectors.transactions import METADATA, fates
from deploy.resuming import resumption
from deploy.stack.paths import StackPaths


class KeptStates:
    """What jobs can resume from, by their name."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._data = StackPaths.of(settings).data

    def checkpoints(self, name: str) -> Path:
        return self._settings.checkpoints / name

    def savepoints(self, name: str) -> Path:
        return self._data / "flink" / "savepoints" / name

    def newest(self, name: str) -> Path | None:
        """The newest savepoint or retained checkpoint of a job, whatever its job id was."""
        found = [
            *self.savepoints(name).glob(f"*/{METADATA}"),
            *self.checkpoints(name).glob(f"*/chk-*/{METADATA}"),
        ]
        if not found:
            return None
        return max(found, key=lambda metadata: metadata.stat().st_mtime_ns).parent

    def to_resume(self, name: str, accept_loss: bool = False) -> Path | None:
        """The newest state, or the one before if only that loses nothing.

        A checkpoint that is passed over is no checkpoint any more: who restored it later would lose
        what this one writes. Raises ShopstreamError if both lose outputs, unless `accept_loss`.
        """
        newest = self.newest(name)
        if newest is None or accept_loss:
            return newest
        bootstrap = self._settings.kafka_bootstrap
        found = resumption(newest, lambda state: fates(bootstrap, state))
        if found.passed_over is not None:
            (found.passed_over / METADATA).rename(found.passed_over / f"{METADATA}.aborted")
        return found.state

    def forget(self, name: str) -> None:
        """Remove what is kept of a job that does not run."""
        for folder in (self.savepoints(name), self.checkpoints(name)):
            shutil.rmtree(folder, ignore_errors=True)
