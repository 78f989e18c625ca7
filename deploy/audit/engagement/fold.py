"""The independent fold of the engagement job's log: it proves or refutes what the job promises."""

from collections import Counter
from collections.abc import Collection

from deploy.audit.engagement import causes, consent, contract
from deploy.audit.engagement.history import History, gather
from deploy.audit.engagement.letters import audit_letters, source_of
from deploy.audit.log import Entry
from deploy.audit.verdict import Check, Invariants, Verdict

JOB = "engagement"
GRACE_MS = 30_000


class Checks(Invariants):
    """The invariants, in the order in which they are told."""

    def __init__(self) -> None:
        self.once = Check("every trigger is decided once")
        self.requested = Check("what is sent is asked for once, and nothing else is")
        self.silence = Check("what is sent has its cause, and nothing had silenced it")
        self.windows = Check("what is sent is neither too early nor too late")
        self.quiet = Check("nobody is written to in quiet hours")
        self.caps = Check("nobody gets more than the weekly caps")
        self.opted_out = Check("nobody gets what they have opted out of")
        self.signals = Check("who wished for a sku hears that it is back, nobody else")
        self.outcomes = Check("every cart that was left and every delivery is decided")
        self.dead_letters = Check("records that are no events, and only they, are in dlq")


def audit(
    entries: Collection[Entry], *, as_of: int | None = None, grace_ms: int = GRACE_MS
) -> Verdict:
    """Judge a job that has caught up with its input.

    entries: the records of `contract.TOPICS`, each partition whole and in the order of its offsets.
    as_of: the moment of the audit (epoch ms); what should have been decided `grace_ms` before it
        and was not is a violation. None leaves that unjudged.
    grace_ms: by how much a record may be read later than another of the same time.
    """
    checks = Checks()
    letters = [
        entry.record
        for entry in entries
        if entry.topic == contract.DEAD_LETTERS and entry.record and entry.record["job"] == JOB
    ]
    log = gather(entries, {source_of(letter) for letter in letters})
    seen: set[str] = set()
    judged_at = None if as_of is None else as_of - grace_ms
    for history in log.customers.values():
        consent.audit_once(history, checks.once, seen)
        consent.audit_requests(history, checks.requested)
        consent.audit_quiet(history, log, checks.quiet, grace_ms)
        consent.audit_caps(history, log, checks.caps)
        consent.audit_opt_outs(history, checks.opted_out, grace_ms)
        causes.audit_windows(history, log, checks.windows)
        causes.audit_silence(history, checks.silence, grace_ms)
        causes.audit_signals(history, log, checks.signals, judged_at)
        if judged_at is not None:
            causes.audit_outcomes(history, log, checks.outcomes, judged_at)
    inputs = [entry for entry in entries if entry.topic in contract.INPUTS]
    audit_letters(checks.dead_letters, letters, inputs, as_of)
    _tell(checks, list(log.customers.values()))
    notes = [] if as_of is not None else ["no time of audit was given: outcomes are not judged"]
    return Verdict(JOB, checks.all(), notes)


def _tell(checks: Checks, histories: list[History]) -> None:
    """What was looked at, for a person."""
    triggers = [trigger for history in histories for trigger in history.triggers]
    outcomes = Counter(trigger["outcome"] for trigger in triggers)
    sent = f"{outcomes['SENT']:,} sent"
    checks.once.figure = f"{len(triggers):,} triggers"
    checks.requested.figure = f"{sum(len(h.messages) for h in histories):,} requests"
    for check in (checks.silence, checks.windows, checks.quiet, checks.opted_out):
        check.figure = sent
    checks.caps.figure = f"{sent} to {sum(bool(h.sent()) for h in histories):,} customers"
    checks.signals.figure = f"{sum(len(h.signals) for h in histories):,} signals"
    found = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(outcomes.items()))
    checks.outcomes.figure = found or "no triggers"
