"""Where the local stack keeps its files: everything under one state folder."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from connectors.settings import Settings

# A Unix socket's path is limited to 108 bytes; this leaves room for Postgres' and supervisord's
# own file names, of which the longest is a temporary one with a process id.
SOCKET_FOLDER_LIMIT = 75


@dataclass(frozen=True)
class StackPaths:
    """The layout of a state folder."""

    state: Path

    @classmethod
    def of(cls, settings: Settings) -> "StackPaths":
        return cls(settings.state_path.resolve())

    @property
    def conf(self) -> Path:
        """Rendered configuration; written anew by every `up`."""
        return self.state / "conf"

    @property
    def flink_conf(self) -> Path:
        """FLINK_CONF_DIR of the cluster and its clients."""
        return self.conf / "flink"

    @property
    def data(self) -> Path:
        """What survives `down` and goes with `down --purge`."""
        return self.state / "data"

    @property
    def running_jobs(self) -> Path:
        """What a restarted JobManager finds of the jobs that it had; forgotten before a start.

        Beside the checkpoints, where containers keep what JobManagers share.
        """
        return self.data / "flink" / "running"

    @property
    def scratch(self) -> Path:
        """What a running service needs only while it runs; emptied before a start."""
        return self.state / "scratch"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def sockets(self) -> Path:
        """Folder of the Unix sockets: in the state folder if its path is short enough for one."""
        folder = self.state / "run"
        if len(str(folder)) <= SOCKET_FOLDER_LIMIT:
            return folder
        digest = hashlib.sha256(str(self.state).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"shopstream-{digest}"

    def log(self, service: str) -> Path:
        return self.logs / f"{service}.log"

    def make(self) -> None:
        """Create the folders that are missing."""
        for folder in (self.flink_conf, self.data, self.scratch, self.logs, self.sockets):
            folder.mkdir(parents=True, exist_ok=True)
