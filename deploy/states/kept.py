"""What the stateful operators of the Python jobs keep, read off the operators themselves."""

from collections.abc import Iterable
from typing import Any

import msgspec
from pyflink.datastream.state import ListStateDescriptor, MapStateDescriptor, StateDescriptor

from connectors.topics import TOPICS
from deploy.states.types import Structs, described
from jobs.runtime.decision import DecisionFunction
from jobs.runtime.links import LinksFunction
from jobs.runtime.reference import reference_descriptor
from jobs.runtime.wire import Wire
from udfs.contract import Domain

RUNTIME_VERSION = 1
"""Of what the runtime keeps for itself: plain values, whose shape its modules explain."""

NOWHERE = Wire({}, dict.fromkeys(TOPICS, 0), "")
"""Enough to make an operator that will never see a record."""


class _Counter:
    def inc(self, by: int = 1) -> None:
        """Nothing is counted here."""


class _Opening:
    """A runtime context that only takes down which states a function asks for."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}

    def get_map_state(self, descriptor: MapStateDescriptor) -> None:
        self._note(descriptor)

    def get_list_state(self, descriptor: ListStateDescriptor) -> None:
        self._note(descriptor)

    def get_metrics_group(self) -> "_Opening":
        return self

    def counter(self, _name: str) -> _Counter:
        return _Counter()

    def get_index_of_this_subtask(self) -> int:
        return 0

    def _note(self, descriptor: StateDescriptor) -> None:
        self.states[descriptor.get_name()] = repr(descriptor.type_info)


def of_domains(domains: Iterable[Domain]) -> dict[str, Any]:
    """uid of an operator -> name of a state -> how it is kept."""
    found: dict[str, Any] = {}
    for domain in domains:
        if domain.links is not None:
            opening = _Opening()
            LinksFunction(domain, NOWHERE, 0).open(opening)
            found[f"{domain.name}-links"] = _listed(
                domain, opening.states, {"links": domain.links.state}
            )
        opening = _Opening()
        DecisionFunction(domain, NOWHERE, {}, 0).open(opening)
        reference = reference_descriptor()
        opening.states[reference.get_name()] = f"broadcast {reference.type_info!r}"
        kinds = {"entities": domain.state}
        if domain.child is not None:
            kinds["children"] = domain.child
        found[f"{domain.name}-decide"] = _listed(domain, opening.states, kinds)
    return found


def _listed(
    domain: Domain, states: dict[str, str], kinds: dict[str, type[msgspec.Struct]]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, kept_as in sorted(states.items()):
        kind = kinds.get(name)
        found[name] = {"kept_as": kept_as, "version": RUNTIME_VERSION}
        if kind is not None:
            found[name] |= _versioned(domain, kind)
    return found


def _versioned(domain: Domain, kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Its version, its type, and for each older version that is read the type that reads it."""
    structs: Structs = {}
    version = domain.state_version
    entry: dict[str, Any] = {"version": version, "type": described(kind, structs)}
    reads, reader = {}, kind
    while (version := version - 1) in domain.migrations:
        migration = domain.migrations[version].get(kind)
        reader = reader if migration is None else migration.written_as
        reads[version] = described(reader, structs)
    return entry | {"reads": reads, "structs": structs}
