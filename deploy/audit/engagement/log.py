"""The engagement job's topics, read until nothing more comes."""

import time

from connectors.clock import now_ms
from connectors.errors import ShopstreamError
from connectors.registry import Registry
from deploy.audit.engagement import contract
from deploy.audit.engagement.fold import audit
from deploy.audit.log import Entry, LogReader
from deploy.audit.verdict import Verdict

READ_S = 1.0
QUIET_S = 5.0


def audit_topics(bootstrap: str, registry: Registry, deadline_s: float) -> Verdict:
    """Read until all is quiet, for `deadline_s` s at most and to the end in any case; judge that.

    What is not quiet by then is judged as it stands, with a note: a promise that is made while the
    audit reads is not over yet, so it refutes nothing.
    """
    entries: list[Entry] = []
    with LogReader(bootstrap, registry, contract.TOPICS) as reader:
        started = last_news = time.monotonic()
        while True:
            came = reader.read(READ_S)
            for entry in came:
                if entry.record is None and entry.topic in contract.OUTPUTS:
                    raise ShopstreamError(
                        f"{entry.topic} partition {entry.partition} offset {entry.offset}: "
                        "expected a record of the topic's schema, came bytes that do not decode"
                    )
            entries += came
            now = time.monotonic()
            last_news = now if came else last_news
            is_quiet = now - last_news >= QUIET_S
            if reader.at_end and (is_quiet or now - started >= deadline_s):
                break
    verdict = audit(entries, as_of=now_ms())
    if not is_quiet:
        verdict.notes.append(f"records still came after {deadline_s:.0f} s")
    return verdict
