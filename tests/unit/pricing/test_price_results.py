"""From clicks to results: who counts for an experiment, and what is told of it."""

from itertools import islice
from typing import Any

import msgspec
import pytest
from support.price_desk import NOON, event, hours, minutes, policy, seconds
from support.rules import Record, RuleDriver

from connectors.codec import Encoder
from connectors.topics import TOPICS
from udfs.pricing.assignment import Experiment
from udfs.pricing.domain import EXPERIMENT_RESULTS, EXPOSURES
from udfs.pricing.events import EXPERIMENTS, POLICIES, RESULTS, SIGNALS

END = NOON + hours(48)
ARMS = [
    {"arm_id": "control", "price_pct": 0.0, "weight": 1},
    {"arm_id": "dearer", "price_pct": 5.0, "weight": 1},
]


def experiment(name: str = "e1", **fields: Any) -> Record:
    usual = {
        "experiment_id": name,
        "arms": ARMS,
        "traffic_share": 0.2,
        "starts_at": NOON,
        "ends_at": END,
        "sku": None,
        "category": "cups",
        "planned_visitors": 1_000,
    }
    return event(NOON, **(usual | fields))


class Lab:
    """The experiment domains of the pricing job, the second reading what the first writes."""

    def __init__(self, *experiments: Record) -> None:
        self.exposures, self.results = RuleDriver(EXPOSURES), RuleDriver(EXPERIMENT_RESULTS)
        self.exposures.refer(POLICIES, "mug", policy(category="cups"))
        self._numbers = 0
        for record in experiments:
            self.refer(record)

    def refer(self, record: Record) -> None:
        for driver in (self.exposures, self.results):
            driver.refer(EXPERIMENTS, record["experiment_id"], record)

    def click(self, visitor: str, kind: str, at: int = NOON, **fields: Any) -> list[Record]:
        """A click on the mug, unless `fields` say otherwise; the signals that it led to."""
        record = event(at, visitor_id=visitor, event_type=kind, **({"sku": "mug"} | fields))
        signals = [signal for _, signal in self.exposures.send(record)]
        for signal in signals:
            self._numbers += 1
            whole = {"event_id": f"s{self._numbers}", "event_time": at} | signal
            assert Encoder(SIGNALS, TOPICS[SIGNALS].avro_schema, 1).encode(whole)
            self.results.send(whole)
        return signals

    def buy(self, visitor: str, price: int, at: int = NOON, quantity: int = 1) -> list[Record]:
        return self.click(visitor, "PURCHASE", at, price_minor=price, quantity=quantity)

    def advance(self, time: int) -> list[Record]:
        for driver in (self.exposures, self.results):
            driver.advance(time)
        results = self.results.emitted(RESULTS)
        for result in results:
            whole = {"event_id": "x", "event_time": 1} | result
            assert Encoder(RESULTS, TOPICS[RESULTS].avro_schema, 1).encode(whole)
        return results

    def visitors(self, arm_id: str, count: int) -> list[str]:
        """Names of visitors in that arm of e1."""
        found = msgspec.convert(experiment(), Experiment)
        names = (f"visitor-{number}" for number in range(100_000))
        arms = ((name, found.arm_of(name)) for name in names)
        mine = (name for name, arm in arms if arm is not None and arm.arm_id == arm_id)
        return list(islice(mine, count))


@pytest.fixture
def lab() -> Lab:
    return Lab(experiment())


def test_a_visitor_is_exposed_once_by_the_first_view_in_scope_and_time(lab: Lab):
    (ada,) = lab.visitors("dearer", 1)

    assert lab.click(ada, "PAGE_VIEW", NOON - 1) == []
    assert lab.click(ada, "PAGE_VIEW", sku="pan", category="pans") == []
    assert lab.click(ada, "PAGE_VIEW", sku=None) == []
    assert lab.click(ada, "ADD_TO_CART") == []
    (exposed,) = lab.click(ada, "PAGE_VIEW", NOON + 5)
    assert lab.click(ada, "PAGE_VIEW", NOON + 6) == []

    assert exposed == {
        "experiment_id": "e1",
        "arm_id": "dearer",
        "visitor_id": ada,
        "signal": "EXPOSED",
    }


def test_of_a_visitor_in_no_experiment_nothing_is_remembered(lab: Lab):
    taking_part = {*lab.visitors("control", 30), *lab.visitors("dearer", 30)}
    other = next(f"visitor-{n}" for n in range(50) if f"visitor-{n}" not in taking_part)
    lab.click(other, "PAGE_VIEW")
    assert lab.buy(other, 500) == []
    assert lab.exposures.state(other) is None


def test_only_what_is_bought_after_the_exposure_and_within_the_time_counts(lab: Lab):
    (ada,) = lab.visitors("control", 1)
    assert lab.buy(ada, 500) == []
    lab.click(ada, "PAGE_VIEW", NOON + 5)

    (first,) = lab.buy(ada, 500, NOON + 6, quantity=2)
    (second,) = lab.buy(ada, 300, NOON + 7)

    assert (first["revenue_minor"], first["revenue_before_minor"], first["is_first"]) == (
        1_000,
        0,
        True,
    )
    assert (second["revenue_minor"], second["revenue_before_minor"], second["is_first"]) == (
        300,
        1_000,
        False,
    )
    assert lab.buy(ada, 300, END) == []


def test_exposures_are_forgotten_an_hour_after_the_experiment_or_its_new_end(lab: Lab):
    (ada,) = lab.visitors("control", 1)
    lab.click(ada, "PAGE_VIEW")
    lab.refer(experiment(ends_at=END + hours(5)))
    lab.advance(END + hours(2))
    assert lab.exposures.state(ada) is not None
    lab.advance(END + hours(6))
    assert lab.exposures.state(ada) is None
    lab.exposures.assert_no_wake_ups_left()


def test_a_result_tells_conversion_and_revenue_of_each_arm(lab: Lab):
    for arm, price in (("control", 1_000), ("dearer", 1_100)):
        first, second = lab.visitors(arm, 2)
        lab.click(first, "PAGE_VIEW")
        lab.click(second, "PAGE_VIEW")
        lab.buy(first, price, NOON + 1)
        lab.buy(first, price, NOON + 2)

    (result,) = lab.advance(NOON + seconds(10))

    told = [
        (arm["arm_id"], arm["visitors"], arm["converted"], arm["conversion"], arm["revenue_minor"])
        for arm in result["arms"]
    ]
    assert told == [("control", 2, 1, 0.5, 2_000), ("dearer", 2, 1, 0.5, 2_200)]
    assert result["arms"][1]["revenue_per_visitor"] == 1_100
    assert (result["decision"], result["winner"], result["is_final"]) == ("COLLECTING", None, False)
    assert result["sample_ratio_p"] == 1.0
    sums = lab.results.state("e1").arms["dearer"]
    assert sums.revenue_squares == 2_200**2, "of the visitor, not of each purchase"


def run_shop(lab: Lab, visitors: int, dearer_price: int, buys: int = 5) -> None:
    """Of every 10 visitors of an arm `buys` buy, at slightly different prices."""
    for arm, price in (("control", 1_000), ("dearer", dearer_price)):
        for number, name in enumerate(lab.visitors(arm, visitors)):
            at = NOON + seconds(number)
            lab.click(name, "PAGE_VIEW", at)
            if number % 10 < buys:
                lab.buy(name, price + number % 7, at + 1)


def test_a_better_arm_wins_and_stays_the_winner():
    lab = Lab(experiment())
    run_shop(lab, 900, 1_500)
    results = lab.advance(END + minutes(2))
    assert results[-1]["decision"] == "WINNER"
    assert (results[-1]["winner"], results[-1]["is_final"]) == ("dearer", True)
    better = results[-1]["arms"][1]
    assert better["revenue_p"] < better["revenue_always_valid_p"] < 0.05
    lab.results.assert_no_wake_ups_left()


def test_arms_alike_end_without_a_difference_and_only_then():
    lab = Lab(experiment())
    run_shop(lab, 300, 1_000)
    results = lab.advance(END + minutes(2))
    assert [result["decision"] for result in results] == ["COLLECTING", "NO_DIFFERENCE"]


def test_arms_that_get_unlike_visitors_conclude_nothing():
    lab = Lab(experiment())
    run_shop(lab, 300, 3_000)
    for name in lab.visitors("control", 500)[300:]:
        lab.click(name, "PAGE_VIEW", NOON + minutes(10))
    results = lab.advance(NOON + minutes(11))
    assert results[-1]["decision"] == "SAMPLE_RATIO_MISMATCH"
    assert results[-1]["winner"] is None


def test_results_are_told_at_most_every_ten_seconds(lab: Lab):
    for number, name in enumerate(lab.visitors("control", 100)):
        at = NOON + number * 250
        lab.click(name, "PAGE_VIEW", at)
        lab.advance(at)
    assert len(lab.advance(NOON + minutes(1))) == 3
