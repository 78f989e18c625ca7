"""The customer whose timeline a demo ends with."""

from collections import Counter

from deploy.demo.live import LiveView


def whose(view: LiveView) -> str | None:
    """One who was written to and ordered, or else the one whose orders looked the least honest.

    None if nobody ordered.
    """
    decisions = view.bands.decisions.values()
    ordered = Counter(decision["customer_id"] for decision in decisions)
    told = view.messages.triggers.values()
    written_to = {trigger["customer_id"] for trigger in told if trigger["outcome"] == "SENT"}
    both = [(count, name) for name, count in ordered.items() if name in written_to]
    if both:
        return max(both)[1]
    worst = max(decisions, key=lambda decision: decision["score"], default=None)
    return None if worst is None else str(worst["customer_id"])
