"""The orders job's topics, read until the job has caught up with its input."""

from collections.abc import Mapping

from connectors.clock import now_ms
from connectors.registry import Registry
from deploy.audit.log import LogReader
from deploy.audit.orders import contract
from deploy.audit.orders.fold import JOB, audit
from deploy.audit.orders.settling import Answers, read_until_settled
from deploy.audit.verdict import Verdict


def audit_topics(
    bootstrap: str,
    registry: Registry,
    deadline_s: float,
    default_limits: Mapping[str, int] = contract.DEFAULT_LIMITS_MS,
) -> Verdict:
    """Wait until every order has been taken up and all is quiet, for `deadline_s` s, and judge it.

    default_limits: limits (ms) where orders.limits has none.
    """
    with LogReader(bootstrap, registry, contract.TOPICS) as reader:
        answers = Answers(contract.LIFECYCLE, JOB)
        entries, settled = read_until_settled(reader, answers, deadline_s, contract.OUTPUTS)
    verdict = audit(entries, as_of=now_ms(), default_limits=default_limits)
    if not settled:
        verdict.notes.append(f"the job had not taken up every order after {deadline_s:.0f} s")
    return verdict
