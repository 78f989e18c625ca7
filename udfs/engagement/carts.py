"""What is in a customer's cart, and the promise to remind them of it."""

from typing import Final

from udfs.engagement.events import CART_ABANDONMENT, Click
from udfs.engagement.promises import promise, silence
from udfs.engagement.state import Cart, short
from udfs.engagement.step import DAY_MS, Step
from udfs.engagement.views import settle_views

MAX_SKUS: Final = 50
RECENT: Final = 32
MAX_UNITS: Final = 1_000_000
STALE_MS: Final = 30 * DAY_MS
"""A cart that nothing happened to for so long is begun anew."""


def on_cart(step: Step, event: Click) -> None:
    """A cart event: as long as units are left in the cart, it will be written about.

    Without a quantity one unit goes in, and all of them go out. CHECKOUT_START changes nothing in
    the cart, but is one more event of it. A removal that comes late leaves what was put in
    after it.
    """
    cart = step.customer.cart
    sku = event.sku or ""
    is_news = event.event_time > cart.settled_at and short(event.event_id) not in cart.recent
    if event.event_type == "ADD_TO_CART" and sku:
        settle_views(step, sku, event.event_time, is_in_cart=is_news)
    if not is_news:
        return
    if event.event_time > cart.last_at + STALE_MS and not cart.trigger_id:
        _clear(cart)
    cart.recent = [*cart.recent[1 - RECENT :], short(event.event_id)]
    if not _change(cart, sku, event):
        return
    if event.event_time >= cart.last_at:
        cart.last_at, cart.last_id = event.event_time, event.event_id
    if not cart.items:
        _settle(step, cart, cart.last_at, "EMPTIED")
    elif not cart.trigger_id:
        trigger_id = f"{CART_ABANDONMENT}/{step.view.entity}/{event.event_id}"
        if promise(step, CART_ABANDONMENT, trigger_id, "", cart.last_id, cart.last_at):
            cart.trigger_id = trigger_id


def on_purchase(step: Step, at: int) -> None:
    """What was put into the cart up to `at` (epoch ms) is bought: there is nothing to remind of."""
    cart = step.customer.cart
    if at >= cart.last_at:
        _settle(step, cart, at, "PURCHASED")
        _clear(cart)
    else:
        cart.settled_at = max(cart.settled_at, at)


def _change(cart: Cart, sku: str, event: Click) -> bool:
    """Put units in or take them out; whether it was about something that is in the cart."""
    known = cart.items.get(sku, 0)
    if event.event_type == "ADD_TO_CART":
        if sku not in cart.items and len(cart.items) >= MAX_SKUS:
            _drop(cart, next(iter(cart.items)))
        cart.items[sku] = min(known + max(1, event.quantity or 1), MAX_UNITS)
        cart.added_at[sku] = max(cart.added_at.get(sku, 0), event.event_time)
        return True
    if event.event_type == "REMOVE_FROM_CART" and known:
        left = known - max(1, known if event.quantity is None else event.quantity)
        if event.event_time < cart.added_at.get(sku, 0):
            left = max(left, 1)
        if left > 0:
            cart.items[sku] = left
        else:
            _drop(cart, sku)
        return True
    return bool(cart.items)


def _drop(cart: Cart, sku: str) -> None:
    del cart.items[sku]
    cart.added_at.pop(sku, None)


def _clear(cart: Cart) -> None:
    cart.items.clear()
    cart.added_at.clear()


def _settle(step: Step, cart: Cart, at: int, reason: str) -> None:
    cart.settled_at = max(cart.settled_at, at)
    if cart.trigger_id:
        trigger_id, cart.trigger_id = cart.trigger_id, ""
        silence(step, trigger_id, reason)
