"""How well the fraud rules tell fraud on labelled transactions, beside ranking by amount alone.

The pure rules see all transactions in their order, links and customers included, without Flink.
A fraud becomes known a week after its transaction, as the handbook that the data are of has it.
The rules' weights are fitted on the first half of the time; all figures are of the second half.
"""

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.labelled import transactions
from connectors.errors import ShopstreamError
from udfs.contract import Source
from udfs.fraud import customers, links
from udfs.fraud.events import FRAUD, RULES, FraudSignal, OrderInitiated
from udfs.fraud.rule_data import DAY_MS, HABITS, FraudRule
from udfs.fraud.score import MAX_HABIT, MAX_SCORE
from udfs.fraud.state import Customer, Link

KNOWN_AFTER_MS: Final = 7 * DAY_MS
SHARES: Final = (0.01, 0.05)
WEIGHTS: Final = (0, 3, 6, 10, 15, 20, 25, 30, 40, 50, 60, 75, 99)
STARTS: Final = 3
ALWAYS: Final = 1e9

CANDIDATES: Final[tuple[tuple[str, str, dict[str, float]], ...]] = (
    ("burst", "VELOCITY", {"low": 1, "high": 6, "window_h": 1}),
    ("busy-day", "VELOCITY", {"low": 2, "high": 10, "window_h": 24}),
    ("unusual-amount", "AMOUNT_DEVIATION", {"low": 1, "high": 4}),
    ("extreme-amount", "AMOUNT_DEVIATION", {"low": 3, "high": 5}),
    (
        "high-amount",
        "NEW_ACCOUNT_AMOUNT",
        {"low": 1, "high": 1.5, "amount_minor": 16_000, "max_orders": ALWAYS},
    ),
    ("new-terminal", "NEW_DEVICE", {}),
    ("crowded-terminal", "SHARED_DEVICE", {"low": 2, "high": 8, "window_h": 24}),
    ("busy-terminal", "LINK_ORDERS", {"low": 3, "high": 12, "window_h": 24}),
    ("fraud-of-the-day", "KNOWN_FRAUD", {"low": 0, "high": 2, "window_h": 24}),
    ("fraud-of-the-week", "KNOWN_FRAUD", {"low": 0, "high": 6, "window_h": 168}),
    ("fraud-of-the-month", "KNOWN_FRAUD", {"low": 0, "high": 10, "window_h": 672}),
    ("odd-hour", "ODD_HOURS", {}),
)
"""Rules (id, kind, parameters) whose weights are fitted: those that such data can feed."""

Points = NDArray[np.int64]
Labels = NDArray[np.bool_]


@dataclass
class Quality:
    """auc: area under the ROC curve. precision: frauds among the highest 1 % and 5 %, 0 to 1."""

    auc: float
    precision_at_1_percent: float
    precision_at_5_percent: float

    @classmethod
    def of(cls, scores: NDArray[Any], frauds: Labels) -> "Quality":
        first, fifth = (precision_at(share, scores, frauds) for share in SHARES)
        return cls(roc_auc(scores, frauds), first, fifth)


@dataclass
class Report:
    """rules, baseline: on the second half. weights: as fitted on the first, by rule_id.

    bands: share of the second half's frauds, and of its legitimate transactions, in each band.
    """

    transactions: int
    judged: int
    frauds: int
    rules: Quality
    baseline: Quality
    weights: dict[str, int]
    bands: dict[str, dict[str, float]]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def run(path: Path, one_in: int = 1, seed: int = 4) -> Report:
    """Fit the rules on the first half of the file's time, and measure them on the second.

    one_in: look at one in so many customers only, to be quick. Raises ShopstreamError if one of
    the halves has no fraud, or nothing else.
    """
    labelled = list(transactions(path, one_in))
    frauds = np.array([is_fraud for _, is_fraud in labelled], dtype=np.bool_)
    times = np.array([order.event_time for order, _ in labelled], dtype=np.int64)
    second = times >= (times[0] + times[-1]) // 2 if len(times) else frauds
    for half in (frauds[~second], frauds[second]):
        if half.all() or not half.any():
            raise ShopstreamError(f"{path}: expected frauds and others in both halves of the time")

    shown = _strengths(labelled)
    weights = fitted_weights(shown[~second], frauds[~second], seed)
    decisions = replay(labelled, _rules(dict(zip(_IDS, weights, strict=True)), "ACTIVE"))
    scores = np.array([decision["score"] for decision in decisions], dtype=np.int64)
    amounts = np.array([order.amount_minor for order, _ in labelled], dtype=np.int64)
    bands = np.array([decision["band"] for decision in decisions])[second]
    judged = frauds[second]
    return Report(
        transactions=len(labelled),
        judged=len(judged),
        frauds=int(judged.sum()),
        rules=Quality.of(scores[second], judged),
        baseline=Quality.of(amounts[second], judged),
        weights=dict(zip(_IDS, weights, strict=True)),
        bands={
            str(band): {
                "frauds": float((bands[judged] == band).mean()),
                "legitimate": float((bands[~judged] == band).mean()),
            }
            for band in sorted(set(bands))
        },
    )


_IDS: Final = tuple(rule_id for rule_id, _, _ in CANDIDATES)


def _rules(weights: Mapping[str, int], mode: str) -> dict[str, FraudRule]:
    records = [
        {
            "rule_id": rule_id,
            "kind": kind,
            "weight": weights[rule_id],
            "parameters": parameters,
            "mode": mode,
            "version": 1,
        }
        for rule_id, kind, parameters in CANDIDATES
    ]
    return {rule.rule_id: rule for rule in msgspec.convert(records, list[FraudRule])}


# -- the rules in order ----------------------------------------------------------------------


class _NoChildren:
    """Every order is decided once and judged by nobody: nothing about it is to be kept."""

    def get(self, _child_id: str) -> None:
        return None

    def add(self, _child_id: str, _child: Any, _wake_at: int | None = None) -> None:
        return None


class _View:
    """The `View` of whichever customer is being asked about."""

    def __init__(self, rules: Mapping[str, FraudRule]) -> None:
        self._references = {RULES: rules}
        self.entity = ""
        self.children: Any = _NoChildren()
        self.source: Source | None = None
        self.answers: Sequence[Any] = ()

    def reference(self, topic: str) -> Mapping[str, Any]:
        return self._references[topic]


class _Shop:
    """All links and customers, in memory; wake-ups would come after the last transaction."""

    def __init__(self, rules: Mapping[str, FraudRule]) -> None:
        self._view = _View(rules)
        self._links: dict[str, Link | None] = {}
        self._customers: dict[str, Customer | None] = {}

    def apply(self, event: OrderInitiated | FraudSignal) -> list[customers.Output]:
        """Touch the event's devices and cards, then ask its customer's rule."""
        answers = []
        for name, touch in links.touches(event):
            linked = links.decide(self._links.get(name), touch, name)
            self._links[name] = linked.state
            answers.append(linked.answer)
        self._view.answers = answers
        self._view.entity = customer_id = event.customer_id
        outcome = customers.decide(self._customers.get(customer_id), event, self._view)
        self._customers[customer_id] = outcome.state
        return outcome.outputs


def replay(
    labelled: Sequence[tuple[OrderInitiated, bool]], rules: Mapping[str, FraudRule]
) -> list[dict[str, Any]]:
    """The decision on each transaction; each fraud becomes known a week later."""
    shop = _Shop(rules)
    unknown: deque[FraudSignal] = deque()
    decisions = []
    for order, is_fraud in labelled:
        while unknown and unknown[0].event_time <= order.event_time:
            shop.apply(unknown.popleft())
        decisions.append(shop.apply(order)[0][1])
        if is_fraud:
            signal = FraudSignal(
                event_id=f"{FRAUD}/{order.event_id}",
                event_time=order.event_time + KNOWN_AFTER_MS,
                signal="FRAUD",
                order_id=order.order_id,
                customer_id=order.customer_id,
                device_id=order.device_id,
                card_fingerprint=order.card_fingerprint,
            )
            unknown.append(signal)
    return decisions


# -- fitting ---------------------------------------------------------------------------------


def _strengths(labelled: Sequence[tuple[OrderInitiated, bool]]) -> Points:
    """Of each transaction and candidate, the points at full weight: SHADOW rules change nothing."""
    column = {rule_id: number for number, rule_id in enumerate(_IDS)}
    decisions = replay(labelled, _rules(dict.fromkeys(_IDS, MAX_SCORE), "SHADOW"))
    shown = np.zeros((len(labelled), len(_IDS)), dtype=np.int64)
    for row, decision in enumerate(decisions):
        for reason in decision["shadow_reasons"]:
            shown[row, column[reason["rule_id"]]] = reason["points"]
    return shown


def fitted_weights(shown: Points, frauds: Labels, seed: int) -> list[int]:
    """Weights that rank best, by coordinate search from a few seeded random starts.

    What is made as high as possible is the sum of the ROC AUC and both precisions.
    """
    randomly = random.Random(seed)
    best, best_worth = [0] * len(_IDS), 0.0
    for _ in range(STARTS):
        weights = [randomly.choice(WEIGHTS[:8]) for _ in _IDS]
        worth, before = _worth(shown, weights, frauds), -1.0
        while worth > before:
            before = worth
            for number in randomly.sample(range(len(_IDS)), len(_IDS)):
                tried = [
                    (_worth(shown, changed, frauds), -weight, changed)
                    for weight in WEIGHTS
                    for changed in [[*weights[:number], weight, *weights[number + 1 :]]]
                ]
                worth, _, weights = max(tried)
        if worth > best_worth:
            best, best_worth = weights, worth
    return best


_IS_HABIT: Final = np.array([kind in HABITS for _, kind, _ in CANDIDATES])


def _worth(shown: Points, weights: list[int], frauds: Labels) -> float:
    points = np.rint(shown * (np.array(weights) / MAX_SCORE))
    habit = np.minimum(MAX_HABIT, points @ _IS_HABIT)
    scores = np.minimum(MAX_SCORE, habit + points @ ~_IS_HABIT)
    quality = Quality.of(scores, frauds)
    return quality.auc + quality.precision_at_1_percent + quality.precision_at_5_percent


# -- figures ---------------------------------------------------------------------------------


def _by_score(scores: NDArray[Any], frauds: Labels) -> tuple[NDArray[Any], NDArray[Any]]:
    """How many transactions, and how many frauds, have each score, highest first."""
    _, which = np.unique(scores, return_inverse=True)
    return np.bincount(which)[::-1], np.bincount(which, weights=frauds)[::-1]


def roc_auc(scores: NDArray[Any], frauds: Labels) -> float:
    """Chance that a fraud scores above a legitimate transaction, ties counting half.

    Mann and Whitney's U over the number of pairs; needs one of each at least.
    """
    count, of_fraud = _by_score(scores, frauds)
    legitimate = count - of_fraud
    below = legitimate.sum() - legitimate.cumsum()
    pairs = of_fraud.sum() * legitimate.sum()
    return float((of_fraud * (below + legitimate / 2)).sum() / pairs)


def precision_at(share: float, scores: NDArray[Any], frauds: Labels) -> float:
    """Share of frauds among the `share` (0 to 1) with the highest scores, at least one of them.

    Of those that tie at its end, as many as fit are taken at random: this is the expectation.
    """
    count, of_fraud = _by_score(scores, frauds)
    taken = max(1, round(share * len(scores)))
    left = np.clip(taken - (count.cumsum() - count), 0, count)
    return float((of_fraud * left / count).sum() / taken)
