"""The score: what the rules' signals add up to, and the band that it falls into."""

from bisect import bisect
from collections.abc import Mapping
from typing import Final, NamedTuple

from udfs.fraud.events import Band, OrderInitiated
from udfs.fraud.rule_data import HABITS, FraudRule
from udfs.fraud.signals import SIGNALS, Facts, Strength
from udfs.fraud.state import Customer

MAX_SCORE: Final = 99

MAX_HABIT: Final = 75
"""What a change of habit alone can add: below a DECLINE, whatever the weights."""

BANDS: Final[tuple[Band, ...]] = ("APPROVE", "STEP_UP", "REVIEW", "DECLINE")
_FIRST: Final = (31, 61, 86)
"""The lowest score of each band but the first."""

Points = list[tuple[str, int]]


def band_of(score: int) -> Band:
    """APPROVE for 0-30, STEP_UP for 31-60, REVIEW for 61-85, DECLINE for 86-99."""
    return BANDS[bisect(_FIRST, score)]


class Scored(NamedTuple):
    """score: 0 to 99. reasons, shadow_reasons: (rule_id, points > 0), most first."""

    score: int
    reasons: Points
    shadow_reasons: Points


class _Weighed(NamedTuple):
    rule_id: str
    weight: float
    strength: Strength
    is_habit: bool


class RuleSet:
    """All rules of `fraud.rules`, ready to score by.

    version: the highest among them, whatever their mode; 0 without any.
    """

    def __init__(self, rules: list[FraudRule]) -> None:
        self.rules = rules
        self.version = max((rule.version for rule in rules), default=0)
        self._active = _weighed(rules, "ACTIVE")
        self._shadow = _weighed(rules, "SHADOW")

    def score(
        self, order: OrderInitiated, customer: Customer, device: Facts, card: Facts
    ) -> Scored:
        """Score an order against its customer's history before it, its device and its card.

        min(99, min(75, habit) + evidence), each the sum of round(weight * strength) over ACTIVE
        rules: monotone in every weight.
        """
        habit = evidence = 0
        reasons: Points = []
        for rule_id, weight, strength, is_habit in self._active:
            shown = strength(order, customer, device, card)
            if shown:
                points = round(weight * shown)
                if points:
                    reasons.append((rule_id, points))
                    if is_habit:
                        habit += points
                    else:
                        evidence += points
        shadow_reasons = [
            (rule_id, points)
            for rule_id, weight, strength, _ in self._shadow
            if (points := round(weight * strength(order, customer, device, card)))
        ]
        if len(reasons) > 1:
            reasons.sort(key=_most_first)
        if len(shadow_reasons) > 1:
            shadow_reasons.sort(key=_most_first)
        return Scored(min(MAX_SCORE, min(MAX_HABIT, habit) + evidence), reasons, shadow_reasons)


def _most_first(reason: tuple[str, int]) -> int:
    return -reason[1]


def _weighed(rules: list[FraudRule], mode: str) -> list[_Weighed]:
    return [
        _Weighed(
            rule.rule_id,
            rule.weight,
            SIGNALS[rule.kind](rule.full_parameters),
            rule.kind in HABITS,
        )
        for rule in sorted(rules, key=lambda rule: rule.rule_id)
        if rule.mode == mode
    ]


_latest = RuleSet([])


def rule_set_of(rules: Mapping[str, FraudRule]) -> RuleSet:
    """The rules ready to score by; made anew only when they are others than at the last call.

    Comparing a dozen rules costs next to nothing: as long as they are the very same objects, no
    field is looked at.
    """
    global _latest
    latest, now = _latest, list(rules.values())
    if latest.rules != now:
        latest = _latest = RuleSet(now)
    return latest
