"""The rules of `fraud.rules`: what a record may say, and what each kind is measured against."""

import math
import re
from typing import Annotated, Final, Literal

import msgspec

from udfs.fraud.events import Id

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS

WINDOWS_H: Final = (1, 24, 168, 672)
"""The windows, in hours back from an order, in which devices and cards are counted."""

Kind = Literal[
    "VELOCITY",
    "AMOUNT_DEVIATION",
    "NEW_ACCOUNT_AMOUNT",
    "NEW_DEVICE",
    "NEW_SHIPPING_COUNTRY",
    "IP_COUNTRY",
    "IMPOSSIBLE_TRAVEL",
    "SHARED_DEVICE",
    "SHARED_CARD",
    "LINK_ORDERS",
    "DECLINED_PAYMENTS",
    "KNOWN_FRAUD",
    "ODD_HOURS",
]

HABITS: Final[frozenset[str]] = frozenset(
    {"VELOCITY", "AMOUNT_DEVIATION", "NEW_DEVICE", "NEW_SHIPPING_COUNTRY", "ODD_HOURS"}
)
"""Kinds that only say that a customer does something unusual, which honest ones do too."""

PARAMETERS: Final[dict[str, dict[str, float]]] = {
    "VELOCITY": {"low": 1, "high": 5, "window_h": 1, "usual_h": 24},
    "AMOUNT_DEVIATION": {"low": 2.5, "high": 6, "min_history": 5, "min_deviation": 0.25},
    "NEW_ACCOUNT_AMOUNT": {
        "low": 1,
        "high": 4,
        "amount_minor": 20_000,
        "max_age_days": 7,
        "max_orders": 1,
    },
    "NEW_DEVICE": {"min_history": 1},
    "NEW_SHIPPING_COUNTRY": {"min_history": 1},
    "IP_COUNTRY": {"partial": 0.3},
    "IMPOSSIBLE_TRAVEL": {"low": 900, "high": 1_800, "min_km": 300},
    "SHARED_DEVICE": {"low": 2, "high": 6, "window_h": 168},
    "SHARED_CARD": {"low": 1, "high": 4, "window_h": 672},
    "LINK_ORDERS": {"low": 5, "high": 20, "window_h": 24, "min_customers": 2},
    "DECLINED_PAYMENTS": {"low": 1, "high": 5, "window_h": 24},
    "KNOWN_FRAUD": {"low": 0, "high": 1, "window_h": 672},
    "ODD_HOURS": {"low": 0.02, "high": 0.08, "min_history": 20},
}
"""Each kind's parameters with what holds where a rule does not give them; see docs/fraud.md."""

CURRENCY_OVERRIDE: Final = re.compile(r"amount_minor\.[A-Z]{3}")
"""`amount_minor` for orders in one currency: of NEW_ACCOUNT_AMOUNT only."""

EVERY_RULE: Final = "*"
"""Stands for the decision itself among the rules' performances, so no rule may be called so."""


class FraudRule(msgspec.Struct, frozen=True, kw_only=True):
    """A weighed signal. Key: rule_id.

    weight: points (0 to 99) that the full signal adds. version: number of the whole set of rules
    with this change in it, counting up. A rule of an unknown kind, parameter or window is refused.
    """

    rule_id: Id
    kind: Kind
    weight: Annotated[float, msgspec.Meta(ge=0, le=99)]
    mode: Literal["ACTIVE", "SHADOW", "OFF"]
    version: Annotated[int, msgspec.Meta(ge=1)]
    parameters: dict[str, float] = {}

    def __post_init__(self) -> None:
        if self.rule_id == EVERY_RULE:
            raise ValueError(f"expected a rule_id other than {EVERY_RULE!r}, which means all rules")
        if math.isnan(self.weight):
            raise ValueError("expected a weight of 0 to 99, came NaN")
        known = PARAMETERS[self.kind]
        for name, value in self.parameters.items():
            if name not in known and not self._overrides(name):
                raise ValueError(
                    f"{self.kind} has no parameter {name!r}; it has {', '.join(sorted(known))}"
                )
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"expected a finite {name} of at least 0, came {value}")
            if name.startswith("amount_minor") and value == 0:
                raise ValueError(f"expected a {name} above 0")
        full = self.full_parameters
        if full.get("window_h", WINDOWS_H[0]) not in WINDOWS_H:
            raise ValueError(f"expected a window_h of {WINDOWS_H}, came {full['window_h']}")
        if full.get("low", 0) >= full.get("high", 1):
            raise ValueError(f"expected low < high, came {full['low']} and {full['high']}")
        if full.get("partial", 0) > 1:
            raise ValueError(f"expected a partial of 0 to 1, came {full['partial']}")
        if full.get("min_deviation", 1) == 0:
            raise ValueError("expected a min_deviation above 0")

    def _overrides(self, name: str) -> bool:
        return self.kind == "NEW_ACCOUNT_AMOUNT" and CURRENCY_OVERRIDE.fullmatch(name) is not None

    @property
    def full_parameters(self) -> dict[str, float]:
        """All parameters of the kind, the rule's own before the defaults."""
        return PARAMETERS[self.kind] | self.parameters
