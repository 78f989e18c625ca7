"""A service of the suite as a process of its own, as its supervisor would run it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from confluent_kafka import TopicPartition

from connectors.kafka import consumer
from connectors.settings import settings
from connectors.topics import topic

SHOPSTREAM = Path(sys.prefix) / "bin" / "shopstream"
STOP_S = 30


class ServiceProcess:
    """`shopstream NAME` with settings of its own; as a context it is stopped, and must obey."""

    def __init__(self, name: str, **given: Any) -> None:
        self._name = name
        self._environment = {
            f"SHOPSTREAM_{key.upper()}": json.dumps(value) for key, value in given.items()
        }
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "ServiceProcess":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.stop()
        self._log.close()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [str(SHOPSTREAM), self._name],
            env=os.environ | self._environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def kill(self) -> None:
        """As a machine that goes dark."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As its supervisor does; it must end by itself, and well."""
        assert self._end(signal.SIGTERM) == 0, self.said

    @property
    def said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode()

    def _end(self, number: int) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        process.send_signal(number)
        return process.wait(STOP_S)


def has_begun(group: str, topic_name: str) -> bool:
    """Whether a service has fixed where in the topic it begins."""
    reader = consumer(settings().kafka_bootstrap, group=group)
    places = [TopicPartition(topic_name, n) for n in range(topic(topic_name).partitions)]
    try:
        return all(at.offset >= 0 for at in reader.committed(places, timeout=10))
    finally:
        reader.close()
