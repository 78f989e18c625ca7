"""What a demo promises to show, and whether it was seen."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from deploy.audit.verdict import Check, Verdict
from deploy.demo.engagement import Messages
from deploy.demo.prices import Held, Prices, Rise, money

PROMOTIONS_TOLD = 3


class Story(NamedTuple):
    """The three things, each checked and told.

    surging: the sku that the simulated shoppers wanted for a while; None: any surge will do.
    """

    prices: Prices
    messages: Messages
    surging: str | None = None

    def verdict(self) -> Verdict:
        """Not to have seen one of them is a failure: it was there to be seen."""
        rises, whole = self._rises(), self._whole()
        recovered = self.messages.carts_recovered()
        return Verdict(
            "demo",
            [
                _seen("a price rose because demand did", len(rises), "prices"),
                _seen("a promotion started and ended", len(whole), "promotions of a sku"),
                _seen("a cart was recovered after a message", recovered, "carts"),
            ],
        )

    def lines(self) -> list[str]:
        """The same in plain words."""
        return [
            *([_rise(one) for one in self._rises()] or ["no price was seen to rise with demand"]),
            *_promotions(self._whole()),
            f"carts recovered after a message: {self.messages.carts_recovered():,}",
        ]

    def _rises(self) -> list[Rise]:
        rises = self.prices.rises()
        return [one for one in rises if self.surging is None or one.sku == self.surging]

    def _whole(self) -> list[Held]:
        return [one for one in self.prices.promotions() if one.is_whole]


def _seen(name: str, count: int, what: str) -> Check:
    check = Check(name, f"{count:,} {what}")
    if not count:
        check.refute("none was seen while the shop was open")
    return check


def _rise(one: Rise) -> str:
    return (
        f"price of {one.sku} rose from {money(one.old_minor)} to {money(one.new_minor)} "
        f"{one.currency} because demand surged"
    )


def _promotions(whole: Sequence[Held]) -> list[str]:
    if not whole:
        return ["no promotion was seen to start and end"]
    told = [
        f"promotion {one.promotion_id} of {one.sku} started {_time(one.started_at)}, "
        f"ended {_time(one.ended_at)}"
        for one in whole[:PROMOTIONS_TOLD]
    ]
    rest = len(whole) - len(told)
    return told + ([f"and {rest:,} more promotions of a sku"] if rest else [])


def _time(at: int | None) -> str:
    """UTC, to the millisecond."""
    if at is None:
        return "?"
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
