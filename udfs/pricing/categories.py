"""Categories as links: who is in one, and how its promotions come to each of its skus.

A rule is asked about one sku, and only when something happens to it; a promotion of a category
names none. The category's link knows its skus from their policies, and writes a notice to each on
a topic that the job reads back: so every sku knows beforehand when to wake up.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from udfs.contract import Linked, WakeUp
from udfs.pricing.events import NOTICES
from udfs.pricing.policy import EVERY_SKU, PricePolicy
from udfs.pricing.promotions import Promotion
from udfs.pricing.state import Category


class Member(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="member"):
    """The sku is in this category."""

    event_id: str
    event_time: int
    sku: str


class Announced(msgspec.Struct, array_like=True, frozen=True, tag="announced"):
    """There is this promotion of the category."""

    event_id: str
    event_time: int
    promotion: Promotion


Touch = Member | Announced


def touches(event: Any) -> Sequence[tuple[str, Touch]]:
    """The category that the event touches, if any, and with what."""
    if isinstance(event, PricePolicy):
        if event.category is None or event.sku == EVERY_SKU:
            return []
        member = Member(event.event_id, event.event_time, event.sku)
        return [(event.category, member)]
    if isinstance(event, Promotion) and event.category is not None and event.sku is None:
        return [(event.category, Announced(event.event_id, event.event_time, event))]
    return []


def decide(category: Category | None, touch: Touch | WakeUp, name: str) -> Linked:
    """Apply one touch, or wake-up, to the category called `name`."""
    if category is None:
        category = Category()
    outputs = _RULES[type(touch)](category, touch, name)
    ends = [promotion.ends_at for promotion in category.promotions.values()]
    kept = category if category.skus or category.promotions else None
    return Linked(kept, None, outputs, min(ends, default=None))


def on_member(category: Category, touch: Member, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Tell the sku of all promotions that have not ended, whether it is new here or not.

    One that has left for another category is not taken out: it knows better, and ignores notices.
    """
    if touch.sku not in category.skus:
        category.skus.append(touch.sku)
    return [_notice(one, touch, touch.sku, name) for one in category.promotions.values()]


def on_announced(
    category: Category, touch: Announced, name: str
) -> list[tuple[str, dict[str, Any]]]:
    """Tell all skus. A promotion that had ended when it was published is not kept, but told: it
    may be one that is withdrawn.
    """
    promotion = touch.promotion
    if promotion.ends_at > touch.event_time:
        category.promotions[promotion.promotion_id] = promotion
    else:
        category.promotions.pop(promotion.promotion_id, None)
    return [_notice(promotion, touch, sku, name) for sku in category.skus]


def on_wake_up(category: Category, wake_up: WakeUp, _name: str) -> list[tuple[str, dict[str, Any]]]:
    """Forget promotions that have ended."""
    category.promotions = {
        name: promotion
        for name, promotion in category.promotions.items()
        if promotion.ends_at > wake_up.event_time
    }
    return []


def _notice(
    promotion: Promotion, touch: Touch, sku: str, category: str
) -> tuple[str, dict[str, Any]]:
    """Named after what caused it, so that a replay repeats it and a later cause does not."""
    notice = msgspec.structs.asdict(promotion)
    notice |= {
        "event_id": f"{touch.event_id}/{promotion.promotion_id}/{sku}",
        "event_time": touch.event_time,
        "sku": sku,
        "category": category,
    }
    return NOTICES, notice


_RULES: Final[dict[type, Callable[[Category, Any, str], list[tuple[str, dict[str, Any]]]]]] = {
    Member: on_member,
    Announced: on_announced,
    WakeUp: on_wake_up,
}
