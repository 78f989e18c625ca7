"""What became of listed states, and which of it stored state does not survive.

A list has for each job its `uids`, and for a Python job the number of its `buckets` and what its
operators keep in `states`:

    states: {<uid>: {<state>: {kept_as, version, type, reads, structs}}}

`kept_as` is Flink's type; the others are of msgspec state: its version, the Struct that is written
and by which each older version is read, and the Structs in it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.states.reading import Reading

Listed = Mapping[str, Any]
SHOWN = 100  # of what an operator of SQL holds


def problems(before: Listed, after: Listed, name: str) -> list[str]:
    """Why the job `name` cannot go on with the state that it had, one line a reason."""
    if name not in before:
        return []
    if name not in after:
        return [f"{name}: there is no such job any more"]
    return [f"{name}: {found}" for found in _of_job(before[name], after[name])]


def same_versions(one: Listed, other: Listed, name: str) -> bool:
    """Whether each of two releases of a job reads what the other writes.

    Within a version fields are only appended, which an older reader passes over.
    """

    def versions(listed: Listed) -> Any:
        job = listed.get(name, {})
        states = job.get("states", {})
        return (
            job.get("uids"),
            job.get("buckets"),
            {
                (uid, state): (entry["kept_as"], entry["version"])
                for uid, kept in states.items()
                for state, entry in kept.items()
            },
        )

    return bool(versions(one) == versions(other))


def _of_job(before: Listed, after: Listed) -> Iterator[str]:
    if before.get("buckets") != after.get("buckets"):
        yield f"its state is in {before.get('buckets')} buckets, not in {after.get('buckets')}"
    uids = after["uids"]
    for uid, holds in before["uids"].items():
        if uid not in uids:
            yield f"the operator {uid} ({holds[:SHOWN]}) is gone, and with it its state"
        elif uids[uid] != holds:
            yield f"the operator {uid} held {holds[:SHOWN]}, holds {uids[uid][:SHOWN]}"
    for uid, kept in before.get("states", {}).items():
        for state, entry in kept.items():
            now = after.get("states", {}).get(uid, {}).get(state)
            if now is None:
                yield f"the state {state} of {uid} is gone"
            else:
                yield from (f"{state} of {uid}: {found}" for found in _of_state(entry, now))


def _of_state(before: Listed, after: Listed) -> Iterator[str]:
    if before["kept_as"] != after["kept_as"]:
        yield f"was kept as {before['kept_as']}, is now as {after['kept_as']}"
    version = before["version"]
    if "type" not in before or "type" not in after:
        if version != after["version"]:
            yield f"version {version} cannot be read as version {after['version']}"
        return
    reader = after["type"] if version == after["version"] else after["reads"].get(version)
    if reader is None:
        yield f"version {version} cannot be read by version {after['version']}; add a migration"
        return
    found = Reading(before["structs"], after["structs"]).complaints(before["type"], reader)
    wanted = (
        f"raise the version above {version} and add a migration from it"
        if version == after["version"]
        else f"let the migration from version {version} read what that version wrote"
    )
    yield from (f"{complaint}: {wanted}" for complaint in found)
