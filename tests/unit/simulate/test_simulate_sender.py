"""The simulator's run from opening to drain, between a Kafka and jobs that are not there."""

from collections import Counter

import pytest

from deploy.simulate import sender, world
from deploy.simulate.pricing import hasty_prices
from deploy.simulate.sending import Kind
from deploy.simulate.world import COMMANDS, LIFECYCLE

TOTAL = 40
HURRY = 20  # ms that the world takes for what is a second to it


class Registry:
    def schema_id(self, _topic) -> int:
        return 1


class Kafka:
    """Takes what is sent, and hands `job` every order; it gives (topic, record) pairs to read."""

    def __init__(self, job) -> None:
        self.sent: Counter[str] = Counter()
        self.to_read: list[tuple[str, dict]] = []
        self.at_end = True
        self._job = job

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        pass

    def require(self, _topic) -> None:
        pass

    def finish(self) -> None:
        pass

    def send(self, name, key, _value, _timestamp_ms) -> None:
        self.sent[name] += 1
        self._job(self, name, key)

    def read(self, timeout_s):
        read, self.to_read = self.to_read, []
        if not read:
            sender.time.sleep(timeout_s)
        return [Entry(name, record) for name, record in read]


class Entry:
    def __init__(self, topic, record) -> None:
        self.topic = topic
        self.record = record


def no_job(_kafka, _topic, _key) -> None:
    pass


class CarelessJob:
    """Has every order paid for, and says that all is well when it is."""

    def __init__(self, placed) -> None:
        self._placed = placed

    def __call__(self, kafka, topic, key) -> None:
        if topic == "payments.events":
            step = {"from_state": "INITIATED", "to_state": "REJECTED"}
            kafka.to_read.append((LIFECYCLE, {"event_id": f"l-{key}", "order_id": key, **step}))
        elif topic == "orders.initiated":
            order_id = self._placed[-1].order_id
            pay = {"command": "AUTHORIZE_PAYMENT", "amount_minor": None, "currency": None}
            kafka.to_read.append((COMMANDS, {"event_id": order_id, "order_id": order_id, **pay}))


@pytest.fixture
def run(monkeypatch):
    """Runs the simulator against `job`; gives what was counted, and what Kafka got."""
    monkeypatch.setattr(sender, "HEAD_START_S", 0.0)
    monkeypatch.setattr(world, "QUIET_S", 0.2)
    monkeypatch.setattr(world, "_ms", lambda seconds: round(seconds * HURRY))

    def simulated(job, **how):
        kafka = Kafka(job)
        monkeypatch.setattr(sender, "Publisher", lambda _bootstrap, **_: kafka)
        monkeypatch.setattr(sender, "LogReader", lambda *_, **__: kafka)
        how = {"seconds": 0.2, "rate": 1000, "seed": 1, **how}
        return sender.simulate("nowhere", Registry(), **how), kafka

    return simulated


def test_exactly_so_many_orders_are_sent_and_a_run_without_jobs_ends(run):
    tally, kafka = run(no_job, orders_total=TOTAL)
    assert len(tally.labels) == tally.sent[Kind.ORDER] == TOTAL
    assert tally.unsettled == TOTAL
    assert sum(kafka.sent.values()) == tally.total
    assert kafka.sent["payments.events"] == 0


def test_orders_are_a_twentieth_of_the_stocks_events_if_nothing_else_is_asked_for(run):
    assert len(run(no_job)[0].labels) == 10
    assert len(run(no_job, orders=100.0)[0].labels) == 20
    assert not run(no_job, orders=0.0)[0].labels


def test_clicks_are_half_of_the_stocks_events_if_nothing_else_is_asked_for(run):
    def clicks(tally):
        kinds = (Kind.CLICK, Kind.CLICK_TOO_LATE)
        return sum(tally.sent[kind] for kind in kinds)

    tally, kafka = run(no_job, orders=0.0)
    assert 90 <= clicks(tally) <= kafka.sent["clickstream.events"] == 100
    assert run(no_job, orders=0.0, clicks=50.0)[1].sent["clickstream.events"] == 10
    tally, kafka = run(no_job, orders=0.0, clicks=0)
    assert clicks(tally) == kafka.sent["clickstream.events"] == 0
    assert kafka.sent["pricing.promotions"] == 2


def test_what_is_published_by_itself_is_acknowledged_on_the_way_out(monkeypatch):
    kafka = Kafka(no_job)
    monkeypatch.setattr(sender, "Publisher", lambda _bootstrap, **_: kafka)
    sender.publish("nowhere", Registry(), hasty_prices(1_767_614_400_000))
    assert kafka.sent == {"pricing.policies": 1}


def test_what_the_jobs_ask_for_is_answered_before_the_run_ends(run, monkeypatch):
    placed = []
    place = world.World.place

    def placing(self, order, now):
        placed.append(order)
        return place(self, order, now)

    monkeypatch.setattr(world.World, "place", placing)
    tally, kafka = run(CarelessJob(placed), orders_total=5)
    assert tally.sent[Kind.PAYMENT] >= 5
    assert kafka.sent["payments.events"] >= 5
    assert tally.unsettled == 0


def test_a_deadline_ends_what_does_not_end(run, monkeypatch):
    monkeypatch.setattr(world, "QUIET_S", 1000.0)
    tally, _ = run(no_job, orders_total=5, drain_s=0.1)
    assert tally.unsettled == 5


def test_silence_ends_nothing_while_more_of_the_jobs_is_awaited(run):
    asked = []

    def is_awaited():
        asked.append(None)
        return len(asked) < 20

    tally, _ = run(no_job, orders_total=5, is_awaited=is_awaited)
    assert len(asked) >= 20
    assert tally.unsettled == 5


def test_orders_a_second_and_orders_in_all_are_not_asked_for_together(run):
    with pytest.raises(ValueError, match="leave one out"):
        run(no_job, orders=1.0, orders_total=5)
