"""What an event costs: the same with one open reservation as with a thousand."""

from collections import Counter
from typing import Any

import pytest
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

EVENTS = {
    "restock": lambda: restocked("berlin", 1),
    "gain": lambda: adjusted("berlin", 1),
    "loss that breaks no promise": lambda: adjusted("berlin", -1),
    "reserve": lambda: reserve("new"),
    "rejected request": lambda: reserve("new", 10**6),
    "repeated request": lambda: reserve("r0"),
    "commit": lambda: committed("r0"),
    "repeated commit": lambda: committed("firm"),
    "late commit": lambda: committed("r0", at=NOON + minutes(99)),
    "release": lambda: released("r0"),
    "ship": lambda: shipped("firm"),
    "unknown": lambda: shipped("nobody's"),
}


def calls_to_children(shop: Shop, sku: str = "mug") -> Counter:
    """Counts, from now on, the calls by which the rule reaches reservations."""
    children, calls = shop.view(sku).stored, Counter()

    def counted(name: str) -> Any:
        call = getattr(children, name)

        def counting(*args: Any, **kwargs: Any) -> Any:
            calls[name] += 1
            return call(*args, **kwargs)

        return counting

    for name in ("get", "put", "remove", "scan"):
        setattr(children, name, counted(name))
    return calls


def busy_shop(open_reservations: int) -> Shop:
    shop = Shop().given(restocked("berlin", 10_000), reserve("firm"), committed("firm"))
    return shop.given(*(reserve(f"r{number}") for number in range(open_reservations)))


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_reaches_as_few_reservations_in_a_busy_sku_as_in_a_quiet_one(event):
    costs = []
    for open_reservations in (1, 100):
        shop = busy_shop(open_reservations)
        calls = calls_to_children(shop)
        shop.send(EVENTS[event]())
        assert shop.outputs
        costs.append(calls)

    quiet, busy = costs
    assert quiet == busy
    assert quiet["scan"] == 0
    assert quiet.total() <= 2


def test_a_wake_up_reaches_only_its_own_reservation():
    shop = busy_shop(100)
    calls = calls_to_children(shop)

    shop.wake("mug", NOON + minutes(15), "r7")

    assert shop.answers("r7") == [("EXPIRED", None)]
    assert calls == {"get": 1, "put": 1}


def test_only_a_loss_that_breaks_a_promise_looks_at_all_of_them():
    shop = busy_shop(100)
    calls = calls_to_children(shop)

    shop.send(adjusted("berlin", -9_900))

    assert calls["scan"] == 1
