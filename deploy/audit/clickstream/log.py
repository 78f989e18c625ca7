"""The clickstream job's topics, read until the job has counted to their end."""

import time

from connectors.registry import Registry
from deploy.audit.clickstream.fold import CLICKS, COUNTED, DEMAND, TOPICS, audit
from deploy.audit.log import Entry, LogReader
from deploy.audit.orders.settling import read_until_settled
from deploy.audit.verdict import Verdict


class Counted:
    """Whether demand was told until after the last click that counts."""

    def __init__(self) -> None:
        self._last_ms = self._told_until = 0

    def take(self, entry: Entry) -> None:
        record = entry.record
        if record is None:
            return
        if entry.topic == CLICKS and record["event_type"] in COUNTED:
            self._last_ms = max(self._last_ms, record["event_time"])
        elif entry.topic == DEMAND:
            self._told_until = max(self._told_until, record["window_end"])

    @property
    def complete(self) -> bool:
        return self._told_until >= self._last_ms


def audit_topics(bootstrap: str, registry: Registry, deadline_s: float) -> Verdict:
    """Wait until all is counted and quiet, for at most `deadline_s` s, and judge it.

    Time goes on with clicks alone: somebody has to send some that do not count meanwhile.
    """
    with LogReader(bootstrap, registry, TOPICS) as reader:
        entries, _ = read_until_settled(reader, Counted(), deadline_s, (DEMAND,), time.monotonic)
    return audit(entries)
