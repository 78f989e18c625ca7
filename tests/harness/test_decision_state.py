"""What the operator keeps: versioned, each entity's own, and only as long as it is needed."""

from dataclasses import replace

import msgspec
import pytest
from support.counting_domain import COUNTING, Tally, command, obey, policy
from support.decisions import BUCKET, DecisionHarness
from support.stockroom import NOON, hours, minutes

from jobs.runtime.entities import StateVersionError
from udfs.contract import Migration, Outcome
from udfs.inventory.events import ALERTS, POLICIES

NEXT_VERSION = replace(COUNTING, state_version=2)


class LongerTally(Tally):
    """The tally of a later release, which has one more field."""

    note: str = "none yet"


class Renamed(msgspec.Struct, array_like=True):
    """A tally whose first field means something else."""

    name: str


def noted(tally: LongerTally | None, event, view) -> Outcome:
    outcome = obey(tally, event, view)
    assert tally is None or tally.note == "none yet"
    return outcome


@pytest.fixture
def counting() -> DecisionHarness:
    return DecisionHarness(COUNTING, NOON)


def touch(child_id: str, sku: str = "mug") -> dict:
    return command("PUT", NOON, sku, reservation_id=child_id)


def scanned(harness: DecisionHarness, sku: str = "mug") -> dict[str, int]:
    """What a scan of the entity's children finds: id -> how often it was touched."""
    harness.forget_outputs()
    harness.send(command("SCAN", NOON, sku))
    found = [(r["warehouse_id"], r["quantity"]) for r in harness.emitted(ALERTS)]
    assert len(found) == len(dict(found)), f"found twice: {found}"
    return dict(found)


def test_the_version_is_stored_with_every_entity_and_child(counting):
    counting.send(command("COUNT", NOON), touch("c1"))

    for name in ("entities", "children"):
        (stored,) = counting.flink.state(name, BUCKET).values()
        assert msgspec.msgpack.decode(stored)[0] == 1


@pytest.mark.parametrize("written", [command("COUNT", NOON), touch("c1")])
def test_state_of_another_version_stops_the_job_and_says_what_to_do(counting, written):
    counting.send(written)
    counting.restore(domain=NEXT_VERSION)

    expected = r"counting.Tally: expected state of version 2, found 1; start .* savepoint"
    with pytest.raises(StateVersionError, match=expected):
        counting.send(touch("c1"))


def test_state_of_another_version_stops_the_job_at_a_wake_up_too(counting):
    counting.send(command("WAKE", NOON, quantity=1000))
    counting.restore(domain=NEXT_VERSION)

    with pytest.raises(StateVersionError, match="expected state of version 2, found 1"):
        counting.watermark(NOON + minutes(1))


def test_state_of_an_older_version_is_migrated_when_it_is_read_and_stored_when_it_changes():
    def a_hundred_more(old: Tally) -> Tally:
        return msgspec.structs.replace(old, number=old.number + 100)

    migrating = replace(NEXT_VERSION, migrations={1: {Tally: Migration(Tally, a_hundred_more)}})
    counting = DecisionHarness(COUNTING, NOON)
    counting.send(command("COUNT", NOON), command("WAKE", NOON, quantity=1000), touch("c1"))
    counting.restore(domain=migrating)

    counting.send(command("COUNT", NOON))
    counting.watermark(NOON + minutes(1))

    assert [record["quantity"] for record in counting.emitted(ALERTS)] == [1, 102, 102]
    assert counting.dead_letters == []
    (entity,) = counting.flink.state("entities", BUCKET).values()
    (child,) = counting.flink.state("children", BUCKET).values()
    assert [msgspec.msgpack.decode(stored)[0] for stored in (entity, child)] == [2, 1]


def test_an_entity_that_no_longer_decodes_stops_the_job_when_its_child_is_woken(counting):
    counting.send(command("PUT", NOON, quantity=1000, reservation_id="c1"))
    counting.restore(domain=replace(COUNTING, state=Renamed))

    with pytest.raises(StateVersionError, match=r"counting\.Renamed"):
        counting.watermark(NOON + minutes(1))


def test_state_written_before_a_field_was_added_is_read_with_its_default(counting):
    counting.send(command("COUNT", NOON))
    counting.restore(domain=replace(COUNTING, state=LongerTally, rule=noted))
    counting.send(command("COUNT", NOON))

    assert [record["quantity"] for record in counting.emitted(ALERTS)] == [1, 2]
    assert counting.dead_letters == []


def test_a_forgotten_entity_leaves_nothing_and_starts_anew(counting):
    counting.send(command("COUNT", NOON), command("COUNT", NOON))
    counting.send(command("FORGET", NOON))
    assert counting.flink.state("entities", BUCKET) == {}

    counting.send(command("COUNT", NOON))
    assert [record["quantity"] for record in counting.emitted(ALERTS)] == [1, 2, 1]


def test_children_of_entities_with_tricky_names_do_not_mix(counting):
    names = ("a", "a:", "a:b", "1:a", "a|b", "3:a:b", ":")
    for sku in names:
        counting.send(*(touch(child_id, sku) for child_id in ("b:c", "c", "b|c", ":c", "")))
    counting.send(command("REMOVE", NOON, "a:b", reservation_id="c"))

    for sku in names:
        expected = dict.fromkeys(("b:c", "c", "b|c", ":c", ""), 1)
        if sku == "a:b":
            del expected["c"]
        assert scanned(counting, sku) == expected, sku


def test_a_scan_sees_what_is_stored_and_what_its_batch_changed(counting):
    counting.send(touch("stored"), touch("changed"), touch("removed"))
    counting.forget_outputs()
    counting.send(
        touch("changed"),
        touch("added"),
        command("REMOVE", NOON, reservation_id="removed"),
        command("SCAN", NOON),
    )

    found = {record["warehouse_id"]: record["quantity"] for record in counting.emitted(ALERTS)}
    assert found == {"stored": 1, "changed": 2, "added": 1}


def test_a_scan_does_not_see_what_its_batch_changed_of_another_entity(counting):
    counting.send(touch("c1", "cup"), touch("c2", "mug"), command("SCAN", NOON, "mug"))

    assert [record["warehouse_id"] for record in counting.emitted(ALERTS)] == ["c2"]


def test_a_scan_sees_what_its_own_event_changed(counting):
    counting.send(touch("changed"), touch("other"))
    counting.send(command("SCAN", NOON, reservation_id="changed"))

    found = [(r["warehouse_id"], r["quantity"]) for r in counting.emitted(ALERTS)]
    assert found == [("changed", 2), ("other", 1)]


def test_a_rule_may_change_children_while_it_scans_them(counting):
    counting.send(touch("c1"), touch("c2"))
    counting.send(touch("c3"), command("TOUCH_ALL", NOON))

    assert scanned(counting) == {"c1": 2, "c2": 2, "c3": 2}


def test_a_removed_child_leaves_nothing(counting):
    counting.send(touch("c1"))
    counting.send(command("REMOVE", NOON, reservation_id="c1"))

    assert counting.flink.state("children", BUCKET) == {}


def test_state_holds_plain_values_only_so_that_classes_may_move():
    waiting = DecisionHarness(COUNTING, NOON, awaited={(POLICIES, 0): 0})
    waiting.refer(POLICIES, policy(1))
    waiting.send(command("WAKE", NOON, quantity=1000), touch("c1"))
    waiting.flink.watermark(NOON + 1000)  # so that the wake-up waits for batches on the way
    waiting.restore(awaited={(POLICIES, 0): 1})
    waiting.send(command("COUNT", NOON))

    held = waiting.flink.state("held-batches", BUCKET)
    assert held, "a batch is held back"
    assert waiting.flink.state("wake-checks", BUCKET)
    snapshot = waiting.flink.snapshot()
    named = [package for package in (b"jobs.", b"udfs.", b"support.") if package in snapshot]
    assert named == []


def test_nothing_is_left_of_an_entity_that_was_forgotten_a_day_ago(counting):
    counting.send(command("WAKE", NOON, quantity=1000), touch("c1"))
    counting.send(command("REMOVE", NOON, reservation_id="c1"), command("FORGET", NOON))
    counting.watermark(NOON + hours(26))
    counting.wait(hours(26))

    counting.flink.assert_no_timers_left()
    counting.flink.assert_no_state_left()
