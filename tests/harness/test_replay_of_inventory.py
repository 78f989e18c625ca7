"""What inventory decided, with wake-ups early and late, is decided again as it was."""

from collections.abc import Iterator
from itertools import count
from random import Random

import pytest
from flinkharness import Harness
from pyflink.common import Row, Types
from support.decisions import (
    SCHEMA_IDS,
    WIRE,
    DecisionHarness,
    Output,
    Raw,
    ThreadModeContext,
    outputs_of,
    put_out,
    raw,
)
from support.stockroom import NOON, Record, committed, released, reserve, restocked, shipped

from connectors.reading import RawRecord
from deploy.replay.diff import compare
from deploy.replay.order import Past, Taken, effective, in_order, past_of
from jobs.replay.function import ReplayFunction
from jobs.replay.plan import Plan, Woken
from jobs.runtime.arrivals import ARRIVALS
from jobs.runtime.streams import BATCH_TYPE, PACKED_ROWS_TYPE, REFERENCE_TYPE
from jobs.runtime.wakeups import WAKE_UP
from jobs.runtime.wire import Wire
from udfs.inventory.domain import INVENTORY
from udfs.inventory.events import AVAILABILITY, EVENTS, POLICIES, RESERVATIONS

KEEPING_ORDER = Wire(WIRE.schemas, SCHEMA_IDS, WIRE.registry_url)
SKUS = ("mug", "cup", "bowl")
TIMEOUT_S = 5
STEPS = 400
LAGS_MS = (500, 1_500, 8_000)
FOR_EVER = 1 << 60
HASTY = {"event_id": "p", "event_time": NOON, "sku": "*", "reservation_timeout_s": TIMEOUT_S}


class _Submitted(ReplayFunction):
    """The function as it is; the harness refuses to say which subtask it runs in thread mode."""

    def open(self, runtime_context: object) -> None:
        super().open(ThreadModeContext(runtime_context, 0))


def events(random: Random) -> Iterator[Record]:
    """Reservations that are settled in time, too late or never, of skus that run out."""
    numbers, at = count(), NOON
    open_: list[tuple[str, str]] = []
    for sku in SKUS:
        yield restocked("berlin", 20, sku=sku, at=at)
    for _ in range(STEPS):
        at += random.choice((0, 100, 900))
        late = random.choice((0, 0, 0, 700))
        if random.random() < 0.5 or not open_:
            open_.append((f"r{next(numbers)}", random.choice(SKUS)))
            yield reserve(*open_[-1][:1], random.randint(1, 4), sku=open_[-1][1], at=at - late)
            continue
        name, sku = open_.pop(random.randrange(len(open_)))
        settle = random.choice((committed, released, shipped))
        if settle is committed:
            open_.append((name, sku))
        yield settle(name, sku=sku, at=at - late)
        if random.random() < 0.1:
            yield restocked("berlin", 5, sku=sku, at=at)


def lived(seed: int) -> tuple[list[RawRecord], list[Output]]:
    """The records of a shop and what came of them, in three buckets, with wake-ups that lag."""
    random, offsets = Random(seed), count()
    live = DecisionHarness(INVENTORY, NOON, wire=KEEPING_ORDER)
    live.refer(POLICIES, HASTY)
    records = []
    for event in events(random):
        bucket = 7 + SKUS.index(event["sku"])
        value, key, timestamp, _ = raw(EVENTS, event)
        records.append(RawRecord(EVENTS, bucket % 4, next(offsets), timestamp, key, value))
        live.send(event, bucket=bucket)
        if random.random() < 0.2:
            live.watermark(event["event_time"] - random.choice(LAGS_MS))
    return records, live.outputs


def again(taken: list[Taken], woken: Woken) -> list[Output]:
    """What a replay makes of these inputs; event time goes on with each of them."""
    policy = Raw(*raw(POLICIES, HASTY))
    known = RawRecord(POLICIES, 0, 0, policy.timestamp, policy.key, policy.value)
    plan = Plan("-", "-", 0, 0, effective([known]), {INVENTORY.name: woken}, False)
    harness = Harness(
        _Submitted(INVENTORY, WIRE, plan),
        key_type=Types.INT(),
        input_type=BATCH_TYPE,
        input_type2=REFERENCE_TYPE,
        output_type=PACKED_ROWS_TYPE,
        clock=NOON,
    )
    reached = 0
    for at, (topic, partition, offset, timestamp, key, value) in taken:
        fields = ([value], [key], [topic], [partition], [offset], [timestamp])
        harness.send(Row(*fields, at), key=0)
        reached = max(reached, timestamp)
        harness.watermark(reached - 1_000)
    return outputs_of(put_out(harness))


def of(outputs: list[Output], topic: str) -> list[Record]:
    return [output.record for output in outputs if output.topic == topic]


def differences(then: list[Output], now: list[Output]) -> int:
    topics = (RESERVATIONS, AVAILABILITY, "inventory.alerts", "dlq")
    return sum(compare(topic, of(then, topic), of(now, topic)).differences for topic in topics)


@pytest.mark.parametrize("seed", range(4))
def test_the_past_is_decided_again_as_it_was(seed: int):
    records, then = lived(seed)
    past = past_of(enumerate(of(then, ARRIVALS)))
    taken = in_order(records, past, FOR_EVER)
    names = [one.record.topic for one in taken if one.record.topic.startswith(WAKE_UP)]
    now = again(taken, Woken(names, past.known_from))

    assert differences(then, now) == 0
    assert len(of(now, RESERVATIONS)) > STEPS / 2
    assert names, "no reservation lapsed by a wake-up"
    lapsed = [one for one in of(then, RESERVATIONS) if one["status"] == "EXPIRED"]
    assert len(lapsed) > len(names), "no reservation was found lapsed by an event"


def test_without_what_was_written_down_it_is_not():
    records, then = lived(seed=0)
    now = again(in_order(records, Past({}, ()), FOR_EVER), Woken([], None))
    assert differences(then, now) > 0
