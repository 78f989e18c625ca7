"""Streams of arrivals at one sku, made from bytes: shuffled, repeated, late, scarce, lossy.

Hypothesis draws the bytes and each one is a choice. That is ten times as fast as drawing every
field by its own strategy, and still shrinks: towards short streams and first choices.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st
from support.rules import Record
from support.stockroom import (
    NOON,
    Shop,
    adjusted,
    committed,
    minutes,
    released,
    reserve,
    restocked,
    shipped,
)

Option = TypeVar("Option")
Arrival = tuple[str, Any]

WAREHOUSES = ("berlin", "athens", "oslo")
REGIONS = ("eu", "us", None)
NAMES = ("r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7")
SIZES = (1, 2, 3, 4)
LOSSES = (-1, -2, -3, -9)
# Around the timeouts of the policies below: before, at and after them.
TIMES = tuple(NOON + minutes(offset) for offset in (0, 0, 0, 1, 2, 5, 14, 15, 16, 60, 120))
TIMEOUTS_S = (900, 60, 3600)


class Choices:
    """Chooses among options by the next byte."""

    def __init__(self, drawn: bytes) -> None:
        self._bytes = iter(drawn)

    def one_of(self, options: tuple[Option, ...]) -> Option:
        return options[next(self._bytes) % len(options)]


def _restocked(choose: Choices) -> Arrival:
    return "event", restocked(choose.one_of(WAREHOUSES), choose.one_of(SIZES))


def _gained(choose: Choices) -> Arrival:
    return "event", adjusted(choose.one_of(WAREHOUSES), choose.one_of((0, 1, 2)))


def _lost(choose: Choices) -> Arrival:
    return "event", adjusted(
        choose.one_of(WAREHOUSES), choose.one_of(LOSSES), at=choose.one_of(TIMES)
    )


def _reserve(choose: Choices) -> Arrival:
    return "event", reserve(
        choose.one_of(NAMES),
        choose.one_of(SIZES),
        at=choose.one_of(TIMES),
        ship_to_region=choose.one_of(REGIONS),
        warehouse_id=choose.one_of((None, None, None, *WAREHOUSES)),
    )


def _about(event: Callable[..., Record]) -> Callable[[Choices], Arrival]:
    return lambda choose: ("event", event(choose.one_of(NAMES), at=choose.one_of(TIMES)))


def _time(choose: Choices) -> Arrival:
    return "time", choose.one_of(TIMES)


def _duplicate(choose: Choices) -> Arrival:
    return "duplicate", choose.one_of(tuple(range(50)))


def _policy(choose: Choices) -> Arrival:
    return "policy", {
        "sku": choose.one_of(("mug", "*")),
        "reorder_point": choose.one_of((0, 1, 3, 6)),
        "reorder_quantity": choose.one_of((0, 5)),
        "reservation_timeout_s": choose.one_of(TIMEOUTS_S),
    }


KINDS = (
    _restocked,
    *[_reserve] * 5,
    *[_about(committed)] * 3,
    _about(released),
    _about(shipped),
    _gained,
    *[_lost] * 2,
    _time,
    _duplicate,
    _policy,
)
ARRIVAL_BYTES = 6
"""One for the kind, and as many as the kind with most choices makes."""


@dataclass
class Stream:
    """What happens to a shop, in the order of arrival."""

    costs: dict[tuple[str, str], tuple[int, int]]
    arrivals: list[Arrival]

    @classmethod
    def of(cls, costs: bytes, arrivals: list[bytes]) -> "Stream":
        """The stream that the drawn bytes say, after an opening stock at two warehouses."""
        choose = Choices(costs)
        lanes = [(warehouse, region) for warehouse in WAREHOUSES for region in ("eu", "us")]
        known = {
            lane: (choose.one_of((1, 2)), choose.one_of((10, 20)))
            for lane in lanes
            if choose.one_of((True, True, False))
        }
        opening: list[Arrival] = [("event", restocked(id_, 5)) for id_ in WAREHOUSES[:2]]
        return cls(known, opening + [_arrival(drawn) for drawn in arrivals])

    def shop(self) -> Shop:
        """A shop that knows the stream's shipping costs."""
        shop = Shop()
        for (warehouse_id, region), (cost_minor, distance_km) in self.costs.items():
            shop.shipping_cost(warehouse_id, region, cost_minor, distance_km)
        return shop

    def play(self, shop: Shop) -> Iterator[tuple[Record | None, list[tuple[str, Record]]]]:
        """Each new event (None: time moved, or an exact repeat came) with its outputs."""
        sent: list[Record] = []
        for kind, content in self.arrivals:
            if kind == "event":
                sent.append(content)
                yield content, shop.send(content)
            elif kind == "duplicate":
                yield None, shop.send(sent[content % len(sent)])
            elif kind == "time":
                yield None, shop.advance(content)
            else:
                shop.policy(**content)


def _arrival(drawn: bytes) -> Arrival:
    choose = Choices(drawn)
    return choose.one_of(KINDS)(choose)


def _cut(drawn: bytes) -> list[bytes]:
    whole = len(drawn) - len(drawn) % ARRIVAL_BYTES
    return [drawn[at : at + ARRIVAL_BYTES] for at in range(0, whole, ARRIVAL_BYTES)]


streams = st.builds(
    Stream.of,
    st.binary(min_size=18, max_size=18),
    # A minimum, since Hypothesis prefers short streams, and little happens in those.
    st.binary(min_size=25 * ARRIVAL_BYTES, max_size=60 * ARRIVAL_BYTES).map(_cut),
)
"""Some 30 to 60 arrivals each."""
