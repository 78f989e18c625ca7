"""A subject's timeline: its records in the order in which they happened, and where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table

from connectors.errors import ShopstreamError
from connectors.registry import Registry
from connectors.settings import Settings
from connectors.topics import TOPICS
from deploy.audit.log import Entry
from deploy.moments import shown
from deploy.timeline.read import STOCK_REFERENCE, entries_of
from deploy.timeline.state import State, state_of
from deploy.timeline.subject import FIELDS, Kind, Subject
from deploy.timeline.telling import details, headline, why

FOLDED: Final = frozenset(
    {"inventory.availability", "features.customer", "features.session", "features.product-demand"}
)
"""Sums of what else is told: they are part of the state, not of what happened."""


@dataclass(frozen=True)
class Timeline:
    """subject: whom it is about, at: until when (epoch ms). entries: what happened, in order."""

    subject: Subject
    at: int
    entries: list[Entry]
    state: State

    def as_dict(self) -> dict[str, Any]:
        """For JSON: every record whole."""
        return {
            "kind": self.subject.kind,
            "id": self.subject.id,
            "at": self.at,
            "state": self.state,
            "events": [
                {
                    "time": record["event_time"],
                    "topic": entry.topic,
                    "partition": entry.partition,
                    "offset": entry.offset,
                    "what": headline(entry.topic, record),
                    "why": why(entry.topic, record),
                    "record": record,
                }
                for entry in self.entries
                if (record := entry.record) is not None
            ],
        }

    def render(self) -> RenderableType:
        """A table of what happened, and the state under it."""
        table = Table(
            "time (UTC)",
            "topic",
            "what",
            "why",
            title=f"{self.subject.kind} {self.subject.id} until {shown(self.at)}",
            title_justify="left",
        )
        own = FIELDS[self.subject.kind]
        for entry in self.entries:
            if (record := entry.record) is None:
                continue
            what = f"[bold]{headline(entry.topic, record)}[/] " + _plain(details(record, own))
            table.add_row(
                shown(record["event_time"]), entry.topic, what, _plain(why(entry.topic, record))
            )
        state = Table("state", "", show_header=False, title="state", title_justify="left")
        for name, value in self.state.items():
            state.add_row(name, _plain(_told(name, value)))
        return Group(table, state)


def timeline(settings: Settings, kind: Kind, name: str, at: int) -> Timeline:
    """What the log tells of the order, customer or sku called `name` until `at` (epoch ms).

    Raises ShopstreamError if it tells nothing.
    """
    if not name:
        raise ShopstreamError(f"expected the id of a {kind}, came nothing")
    subject = Subject(kind, name)
    registry = Registry(settings.registry_url)
    found = entries_of(settings.kafka_bootstrap, registry, subject)
    until = [entry for entry in found if entry.record and entry.record["event_time"] <= at]
    own = [entry for entry in until if entry.topic not in STOCK_REFERENCE or _is_own(entry, name)]
    if not own:
        raise ShopstreamError(
            f"expected a {kind} that the log names until {shown(at)} UTC, came {name!r}: none does"
        )
    told = [entry for entry in own if entry.topic not in FOLDED]
    return Timeline(subject, at, in_order(told), state_of(subject, until))


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By event time; of one time, what was caused comes after its cause.

    A record names its cause in a field, or its id goes on from the cause's after a "#". What is of
    one time and caused by nothing here comes by topic, as they are declared, and by offset.
    """
    entries = list(entries)
    ranks = {name: rank for rank, name in enumerate(TOPICS)}
    causes = {_id_of(entry): _cause_of(entry) for entry in entries}

    def depth(event_id: str) -> int:
        seen: set[str] = set()
        while event_id in causes and event_id not in seen:
            seen.add(event_id)
            event_id = causes[event_id]
        return len(seen)

    def turn(entry: Entry) -> tuple[int, int, int, int, int]:
        at = (entry.record or {})["event_time"]
        return at, depth(_id_of(entry)), ranks[entry.topic], entry.partition, entry.offset

    return sorted(entries, key=turn)


def _id_of(entry: Entry) -> str:
    return str((entry.record or {})["event_id"])


def _cause_of(entry: Entry) -> str:
    record = entry.record or {}
    return str(record.get("cause_id") or _id_of(entry).rpartition("#")[0] or record.get("cause"))


def _is_own(entry: Entry, sku: str) -> bool:
    return entry.record is not None and entry.record.get("sku") == sku


def _told(name: str, value: Any) -> str:
    if name == "since":
        return shown(value)
    if isinstance(value, dict):
        return "\n".join(f"{inner}: {_told('', one)}" for inner, one in value.items())
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return str(value)


def _plain(text: str) -> str:
    """Text of a shop's may look like markup."""
    return text.replace("[", "\\[")
