"""A record in a few words: what happened, and why it was decided so."""

from collections.abc import Mapping
from typing import Any, Final

from deploy.moments import shown

Record = Mapping[str, Any]

HEADLINES: Final = (
    "event_type", "to_state", "band", "status", "command", "request", "alert_type", "signal",
    "outcome", "response", "error_class", "waiting_for", "template", "rule_id", "reason",
)  # fmt: skip
"""What a record says first: the first of these fields that it has."""

REASONS: Final = ("reasons", "explanation", "reason", "cause", "error_message")
"""Where a record says why."""

UNTOLD: Final = frozenset(
    {
        "event_id", "event_time", "decision_id", "trigger_id", "change_id", "cause_id", "wish_id",
        "sequence", "version", "number", "ip", "latitude", "longitude", "record_key",
        "record_value", "card_fingerprint", "device_id", "session_id", "currency", "decided_at",
        "shadow_reasons", "limits", "source_timestamp", "attempt", "account_created_at",
    }
)  # fmt: skip
"""Names, times and counters that a person does not look for; JSON has them."""

NO_REASON: Final[Record] = {"inventory.reservations": ("cause",), "pricing.changes": ("cause",)}
"""Fields that are no reason there but the id of an event."""


def headline(topic: str, record: Record) -> str:
    """What happened, in a word or two."""
    found = next((str(record[name]) for name in HEADLINES if record.get(name)), "")
    return found or topic.rpartition(".")[2].removesuffix("s")


def why(topic: str, record: Record) -> str:
    """The reasons that it gives; empty if it gives none."""
    for name in REASONS:
        if record.get(name) and name not in NO_REASON.get(topic, ()):
            return worded(name, record[name], record)
    return ""


def details(record: Record, subject_field: str) -> str:
    """The rest of what it says, but what `subject_field` has, which the reader knows."""
    head = next((name for name in HEADLINES if record.get(name)), "")
    left_out = UNTOLD | {subject_field, head, *REASONS}
    parts = [
        f"{name.removesuffix('_minor').replace('_', ' ')} {worded(name, value, record)}"
        for name, value in record.items()
        if name not in left_out and value not in (None, "", [], {})
    ]
    return ", ".join(parts)


def worded(name: str, value: Any, record: Record) -> str:
    """The value of the record's field `name` as a person reads it."""
    if isinstance(value, list):
        return ", ".join(worded(name, one, record) for one in value)
    if isinstance(value, Mapping):
        if set(value) == {"rule_id", "points"}:
            return f"{value['rule_id']} {value['points']}"
        if "sku" in value and "quantity" in value:
            return f"{value['quantity']} {value['sku']}"
        return " ".join(f"{inner} {one}" for inner, one in value.items())
    if name.endswith("_at") and isinstance(value, int):
        return shown(value)
    if name.endswith("_minor") and isinstance(value, int):
        return f"{value:,} minor {record.get('currency') or ''}".rstrip()
    if isinstance(value, float):
        return f"{value:.3g}"
    return str(value)
