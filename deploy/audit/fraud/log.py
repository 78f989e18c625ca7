"""The fraud job's topics, read until the job has caught up with its input."""

from connectors.registry import Registry
from deploy.audit.fraud.fold import DECISIONS, JOB, OUTPUTS, TOPICS, audit
from deploy.audit.log import LogReader
from deploy.audit.orders.settling import Answers, read_until_settled
from deploy.audit.verdict import Verdict


def audit_topics(bootstrap: str, registry: Registry, deadline_s: float) -> Verdict:
    """Wait until every order is decided and all is quiet, for `deadline_s` s, and judge it."""
    with LogReader(bootstrap, registry, TOPICS) as reader:
        answers = Answers(DECISIONS, JOB)
        entries, settled = read_until_settled(reader, answers, deadline_s, OUTPUTS)
    verdict = audit(entries)
    if not settled:
        verdict.notes.append(f"the job had not decided every order after {deadline_s:.0f} s")
    return verdict
