"""The committed list of states, and what of its changes stored state does not survive."""

from dataclasses import replace
from typing import Any, Literal

import msgspec
import pytest
from support.counting_domain import COUNTING

import jobs
from deploy.states.changes import problems, same_versions
from deploy.states.kept import of_domains
from deploy.states.listed import committed
from udfs.contract import Domain, Migration


class Child(msgspec.Struct, array_like=True):
    name: str


class Kept(msgspec.Struct, array_like=True):
    number: int
    status: Literal["NEW", "OLD"] = "NEW"
    children: dict[str, Child] = {}


class Appended(msgspec.Struct, array_like=True):
    number: int
    status: Literal["NEW", "OLD"] = "NEW"
    children: dict[str, Child] = {}
    note: str | None = None


class AppendedWithoutDefault(msgspec.Struct, array_like=True):
    number: int
    status: Literal["NEW", "OLD"]
    children: dict[str, Child]
    note: str


class Widened(msgspec.Struct, array_like=True):
    number: int | None
    status: Literal["NEW", "OLD", "OLDER"] = "NEW"
    children: dict[str, Child] = {}


class Narrowed(msgspec.Struct, array_like=True):
    number: int
    status: Literal["NEW"] = "NEW"
    children: dict[str, Child] = {}


class Renamed(msgspec.Struct, array_like=True):
    count: int
    status: Literal["NEW", "OLD"] = "NEW"
    children: dict[str, Child] = {}


class Shorter(msgspec.Struct, array_like=True):
    number: int
    status: Literal["NEW", "OLD"] = "NEW"


class Named(msgspec.Struct):
    number: int
    status: Literal["NEW", "OLD"] = "NEW"
    children: dict[str, Child] = {}


class OtherChild(msgspec.Struct, array_like=True):
    number: int


class OtherInside(msgspec.Struct, array_like=True):
    number: int
    status: Literal["NEW", "OLD"] = "NEW"
    children: dict[str, OtherChild] = {}


def listed(state: type[msgspec.Struct], **changes: Any) -> dict[str, Any]:
    """A list of one job, as `shopstream states` makes it."""
    domain: Domain = replace(COUNTING, state=state, child=None, **changes)
    return {"counting": {"buckets": 4, "uids": {"u": "x"}, "states": of_domains([domain])}}


def complaints(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return problems(before, after, "counting")


@pytest.mark.parametrize("name", jobs.names())
def test_the_committed_list_is_what_the_jobs_keep(name: str):
    expected = of_domains(jobs.domains(name))

    assert committed()[name].get("states", {}) == expected, "run `shopstream states --write`"


@pytest.mark.parametrize("name", jobs.names())
def test_every_state_has_a_version_and_every_operator_with_state_a_uid(name: str):
    job = committed()[name]

    assert job["uids"]
    assert set(job.get("states", {})) <= set(job["uids"])
    for kept in job.get("states", {}).values():
        assert all(entry["version"] >= 1 for entry in kept.values())


@pytest.mark.parametrize("state", [Kept, Appended, Widened])
def test_fields_may_be_appended_and_types_may_widen(state: type[msgspec.Struct]):
    assert complaints(listed(Kept), listed(state)) == []


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (AppendedWithoutDefault, "AppendedWithoutDefault.note is new and has no default"),
        (Narrowed, "Narrowed.status was 'NEW' | 'OLD', is 'NEW'"),
        (Renamed, "Renamed has count where Kept had number"),
        (Shorter, "Shorter has nothing where Kept had children"),
        (Named, "Named is encoded otherwise than Kept was"),
        (OtherInside, "OtherChild has number where Child had name"),
    ],
)
def test_any_other_change_wants_a_version_and_a_migration(state: type[msgspec.Struct], why: str):
    wanted = "raise the version above 1 and add a migration from it"

    assert complaints(listed(Kept), listed(state)) == [
        f"counting: entities of counting-decide: {why}: {wanted}"
    ]


def test_a_version_without_a_migration_is_not_read():
    (why,) = complaints(listed(Kept), listed(Renamed, state_version=2))

    assert why.endswith("version 1 cannot be read by version 2; add a migration")


def test_a_migration_must_read_what_its_version_wrote():
    def renamed(old: Kept) -> Renamed:
        return Renamed(old.number)

    migrated = {1: {Renamed: Migration(Kept, renamed)}}
    mistaken = {1: {Renamed: Migration(Shorter, renamed)}}

    assert complaints(listed(Kept), listed(Renamed, state_version=2, migrations=migrated)) == []
    (why,) = complaints(listed(Kept), listed(Renamed, state_version=2, migrations=mistaken))
    assert why.endswith("let the migration from version 1 read what that version wrote")


def test_a_state_that_a_version_did_not_change_is_read_as_before():
    assert complaints(listed(Kept), listed(Kept, state_version=2, migrations={1: {}})) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda job: job["uids"].clear(), "the operator u (x) is gone, and with it its state"),
        (lambda job: job["uids"].update(u="y"), "the operator u held x, holds y"),
        (lambda job: job.update(buckets=8), "its state is in 4 buckets, not in 8"),
        (
            lambda job: job["states"]["counting-decide"].pop("wake-slots"),
            "the state wake-slots of counting-decide is gone",
        ),
    ],
)
def test_what_names_state_may_not_change(change, why: str):
    after = listed(Kept)
    change(after["counting"])

    assert complaints(listed(Kept), after) == [f"counting: {why}"]


def test_within_a_version_an_older_release_reads_what_a_newer_one_wrote():
    later = listed(Kept, state_version=2, migrations={1: {}})

    assert same_versions(listed(Kept), listed(Appended), "counting")
    assert not same_versions(listed(Kept), later, "counting")
