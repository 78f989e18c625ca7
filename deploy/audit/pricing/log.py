"""The pricing job's topics, read until the job has caught up with its input."""

from connectors.registry import Registry
from deploy.audit.log import Entry, LogReader
from deploy.audit.orders.settling import read_until_settled
from deploy.audit.pricing.fold import CHANGES, JOB, OUTPUTS, POLICIES, TOPICS, audit
from deploy.audit.pricing.history import EVERY_SKU
from deploy.audit.verdict import Verdict


class Priced:
    """Whether every sku that has a policy, which was not set aside, has a price."""

    def __init__(self) -> None:
        self._policies: dict[tuple[int, int], str] = {}
        self._priced: set[str] = set()

    def take(self, entry: Entry) -> None:
        record = entry.record
        if record is None:
            return
        if entry.topic == POLICIES and record["sku"] != EVERY_SKU:
            self._policies[entry.partition, entry.offset] = record["sku"]
        elif entry.topic == CHANGES:
            self._priced.add(record["sku"])
        elif entry.topic == "dlq" and (record["job"], record["source_topic"]) == (JOB, POLICIES):
            self._policies.pop((record["source_partition"], record["source_offset"]), None)

    @property
    def complete(self) -> bool:
        return self._priced.issuperset(self._policies.values())


def audit_topics(bootstrap: str, registry: Registry, deadline_s: float) -> Verdict:
    """Wait until every sku with a policy is priced and all is quiet, for `deadline_s` s; judge."""
    with LogReader(bootstrap, registry, TOPICS) as reader:
        entries, settled = read_until_settled(reader, Priced(), deadline_s, OUTPUTS)
    verdict = audit(entries)
    if not settled:
        verdict.notes.append(f"the job was not done or not quiet after {deadline_s:.0f} s")
    return verdict
