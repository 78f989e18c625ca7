"""Which skus a customer looks at again and again, and the promise to come back to one."""

from bisect import bisect
from typing import Final

from udfs.engagement.events import BROWSE_ABANDONMENT, MAX_VIEWS, Click
from udfs.engagement.promises import promise, silence
from udfs.engagement.state import Customer, Viewed, short
from udfs.engagement.step import Step

MAX_VIEWED: Final = 32
"""Skus whose views are counted; the one that was touched least recently goes first."""


def on_view(step: Step, event: Click) -> None:
    """A view of a sku that is not in the cart; enough of them within the window are a promise.

    Once promised, each further view puts it off: who still looks has not left.
    """
    sku, at = event.sku, event.event_time
    policy = step.policy(BROWSE_ABANDONMENT)
    if not sku or policy is None or sku in step.customer.cart.items:
        return
    viewed = _touch(step.customer, sku)
    id_ = short(event.event_id)
    is_known = at <= viewed.settled_at or id_ in viewed.ids
    if is_known or sku not in step.customer.viewed:
        return
    place = bisect(viewed.times, at)
    viewed.times.insert(place, at)
    viewed.ids.insert(place, id_)
    if place == len(viewed.times) - 1:
        viewed.last_id = event.event_id
    oldest = viewed.times[-1] - policy.window_s * 1000
    gone = max(bisect(viewed.times, oldest - 1), len(viewed.times) - MAX_VIEWS)
    del viewed.times[:gone], viewed.ids[:gone]
    if len(viewed.times) >= policy.views and not viewed.trigger_id:
        trigger_id = f"{BROWSE_ABANDONMENT}/{step.view.entity}/{sku}/{viewed.last_id}"
        last_id, last_at = viewed.last_id, viewed.times[-1]
        if promise(step, BROWSE_ABANDONMENT, trigger_id, sku, last_id, last_at):
            viewed.trigger_id = trigger_id


def settle_views(step: Step, sku: str, at: int, *, is_in_cart: bool) -> None:
    """The sku was put into the cart at `at` (epoch ms): views up to then have come to something.

    is_in_cart: whether it is there now; else the event came again, or later than what undid it, and
        views that went on after it still count.
    """
    viewed, policy = _touch(step.customer, sku), step.policy(BROWSE_ABANDONMENT)
    viewed.settle(at)
    enough = 1 if policy is None else policy.views
    if viewed.trigger_id and (is_in_cart or len(viewed.times) < enough):
        trigger_id, viewed.trigger_id = viewed.trigger_id, ""
        silence(step, trigger_id, "ADDED_TO_CART")


def _touch(customer: Customer, sku: str) -> Viewed:
    """The views of the sku, as the last that was touched.

    They are not kept if all the others are promised.
    """
    viewed = customer.viewed.pop(sku, None) or Viewed()
    customer.viewed[sku] = viewed
    if len(customer.viewed) > MAX_VIEWED:
        for other, of in customer.viewed.items():
            if not of.trigger_id:
                del customer.viewed[other]
                break
    return viewed
