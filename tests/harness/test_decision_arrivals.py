"""The order in which a job decided is written down: no topic has it."""

from dataclasses import replace
from typing import Any

from flinkharness import Harness
from pyflink.common import Types
from support.counting_domain import COUNTING, command
from support.decisions import (
    SCHEMA_IDS,
    WIRE,
    DecisionHarness,
    Output,
    ThreadModeContext,
    outputs_of,
    put_out,
)
from support.linked_domain import LINKED, ORDERS, OUTCOMES

from jobs.runtime.arrivals import ARRIVALS
from jobs.runtime.decision import DecisionFunction
from jobs.runtime.packets import Packet, Packing, Passed
from jobs.runtime.streams import PACKED_ROWS_TYPE, PACKED_TYPE, REFERENCE_TYPE
from jobs.runtime.wakeups import Asked
from jobs.runtime.wire import Wire
from udfs.contract import Domain

NOON = 1_767_268_800_000
BUCKET = 7
KEEPING_ORDER = replace(WIRE, output_ids=SCHEMA_IDS)
CHILD = {"reservation_id": "r1", "quantity": 2000}
WITHOUT_LINKS = replace(LINKED, links=None)


class _Submitted(DecisionFunction):
    """The function as it is; the harness refuses to say which subtask it runs in thread mode."""

    def open(self, runtime_context: Any) -> None:
        super().open(ThreadModeContext(runtime_context, 0))


def outputs(domain: Domain, *packets: Packet, wire: Wire = KEEPING_ORDER) -> list[Output]:
    harness = Harness(
        _Submitted(domain, wire, {}, 20),
        key_type=Types.INT(),
        input_type=PACKED_TYPE.get_field_types()[1],
        input_type2=REFERENCE_TYPE,
        output_type=PACKED_ROWS_TYPE,
        clock=NOON,
    )
    for packet in packets:
        harness.send(Packing(domain).pack(packet), key=BUCKET)
    return outputs_of(put_out(harness))


def order(partition: int, offset: int) -> Passed:
    event = {"event_id": f"o{offset}", "event_time": NOON, "order_id": "o", "customer_id": "ann"}
    source = (ORDERS, partition, offset, NOON, b"ann", b"")
    return Passed(source, "ann", Packing(WITHOUT_LINKS).pack(event))


def unreadable(offset: int) -> Passed:
    source = (OUTCOMES, 1, offset, NOON + 5, b"o", b"?")
    return Passed(source, None, b"", ("UndecodableError", "it is bad"))


def batch(name: str, *events: Passed, parts: int = 1) -> Packet:
    return Packet(name, parts, NOON, list(events), [], [])


def test_the_records_of_a_batch_are_named_in_the_order_in_which_they_were_decided():
    put_out = outputs(WITHOUT_LINKS, batch("b", order(3, 8), unreadable(2), order(0, 9)))
    (arrivals,) = [output for output in put_out if output.topic == ARRIVALS]

    assert arrivals.key == arrivals.record["job"] == "linked"
    names = arrivals.record["names"]
    assert [names[topic] for topic in arrivals.record["topics"]] == [ORDERS, OUTCOMES, ORDERS]
    assert arrivals.record["partitions"] == [3, 1, 0]
    assert arrivals.record["offsets"] == [8, 2, 9]


def test_a_batch_is_named_once_all_its_parts_are_there():
    put_out = outputs(WITHOUT_LINKS, batch("b", order(0, 1), parts=2), batch("b", parts=2))
    assert [output.topic for output in put_out].count(ARRIVALS) == 1


def test_wake_ups_are_named_as_well():
    keeping = DecisionHarness(COUNTING, NOON, wire=KEEPING_ORDER)
    keeping.send(command("WAKE", NOON, quantity=1000), command("PUT", NOON, "cup", **CHILD))
    keeping.watermark(NOON + 5000)

    events, *woken = keeping.emitted(ARRIVALS)
    assert len(events["offsets"]) == 2
    names = [name for record in woken for name in record["names"]]
    assert [Asked.named(name) for name in names] == [
        Asked(NOON + 1000, "mug", None),
        Asked(NOON + 2000, "cup", "r1"),
    ]


def test_an_operator_that_cannot_write_them_says_nothing():
    put_out = outputs(WITHOUT_LINKS, batch("b", order(0, 1)), wire=WIRE)
    assert [output.topic for output in put_out] == ["orders.loyalty"]
