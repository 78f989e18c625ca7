"""The rules of engagement. `docs/engagement.md` tells them to their users.

Each is handed the customer's state to keep, and changes it in place; messages are promised and
silenced by `promises`, and sent by `sending`. Events may come again, and late: what an event says
of a time that has been settled (bought, or written about) is no news, and ids tell repeats of what
still counts.
"""

from collections.abc import Callable
from typing import Any, Final

from udfs.contract import Outcome, View, WakeUp
from udfs.engagement.carts import on_cart, on_purchase
from udfs.engagement.events import (
    BACK_IN_STOCK,
    CROSS_SELL,
    REVIEW_REQUEST,
    Click,
    EngagementEvent,
    OrderStep,
    Preferences,
    Response,
    Signal,
)
from udfs.engagement.hours import counted
from udfs.engagement.promises import promise, silence
from udfs.engagement.sending import wake
from udfs.engagement.state import Customer, Promise, Told
from udfs.engagement.step import DAY_MS, REASONS, Step
from udfs.engagement.views import on_view

KEPT_MS: Final = 180 * DAY_MS
"""How long a customer is remembered after the last event; what they told of themselves stays."""

_CLICKS: Final[dict[str, Callable[[Step, Click], None]]] = {
    "PAGE_VIEW": on_view,
    "ADD_TO_CART": on_cart,
    "REMOVE_FROM_CART": on_cart,
    "CHECKOUT_START": on_cart,
    "PURCHASE": lambda step, event: on_purchase(step, event.event_time),
}
"""What a customer's own rule looks at; WISHLIST_ADD is the wishes' (`wishes`)."""


def decide(customer: Customer | None, event: EngagementEvent | WakeUp, view: View) -> Outcome:
    """Apply one event, or wake-up, to its customer."""
    if isinstance(event, Click) and event.event_type not in _CLICKS:
        wake_at = None if customer is None else customer.wake_at
        return Outcome(customer, [], wake_at or None)
    step = Step(customer or Customer(), view, event.event_time)
    kept: Customer | None = step.customer
    if not isinstance(event, WakeUp):
        step.customer.last_at = max(step.customer.last_at, event.event_time)
        _RULES[type(event)](step, event)
        if not step.customer.wake_at:
            step.customer.wake_at = step.customer.last_at + KEPT_MS
    elif event.child_id is not None:
        wake(step, event.child_id)
        if customer is None:  # and so without promises: a wake-up that came too late
            kept = None
    else:
        kept = _tidy(step)
    return Outcome(kept, step.outputs, None if kept is None else kept.wake_at or None)


def on_click(step: Step, event: Click) -> None:
    _CLICKS[event.event_type](step, event)


def on_order_step(step: Step, event: OrderStep) -> None:
    """The first step of an order is a purchase; delivered ones are written about, unless returned.

    The other steps of an order come when the customer may have begun another cart.
    """
    if event.sequence == 1:
        on_purchase(step, event.event_time)
    if event.to_state == event.from_state:
        return
    for template in (REVIEW_REQUEST, CROSS_SELL):
        trigger_id = f"{template}/{event.customer_id}/{event.order_id}"
        if event.to_state == "DELIVERED":
            order_id, cause_id = event.order_id, event.event_id
            promise(step, template, trigger_id, order_id, cause_id, event.event_time)
        elif event.to_state == "RETURNED":
            silence(step, trigger_id, "RETURNED")


def on_signal(step: Step, event: Signal) -> None:
    """A sku is back that the customer wished for: told once for a wish."""
    trigger_id = f"{BACK_IN_STOCK}/{event.customer_id}/{event.sku}/{event.wish_id}"
    promise(step, BACK_IN_STOCK, trigger_id, event.sku, event.event_id, event.event_time)


def on_response(step: Step, event: Response) -> None:
    """A message that was opened or clicked, whichever is told first, speaks for its hour.

    UNSUBSCRIBED holds for the template, until the customer's preferences come anew.
    """
    customer = step.customer
    if event.response == "UNSUBSCRIBED":
        known_at = 0 if customer.told is None else customer.told.at
        if event.template in REASONS and event.event_time > known_at:
            latest = max(customer.unsubscribed.get(event.template, 0), event.event_time)
            customer.unsubscribed[event.template] = latest
        return
    one: Promise | None = step.view.children.get(event.trigger_id)
    is_news = one is not None and one.ending == "SENT" and not one.is_opened
    if one is None or not is_news or event.response == "DISMISSED":
        return
    one.is_opened = True
    customer.hours_opened = counted(customer.hours_opened, one.hour)
    step.view.children.put(event.trigger_id, one, wake_at=one.forget_at)


def on_preferences(step: Step, event: Preferences) -> None:
    """What the customer told last, by event time, holds, and takes back older unsubscriptions.

    Of two records of the same time the larger event_id holds, in whatever order they come.
    """
    customer, told = step.customer, step.customer.told
    if told is not None and (event.event_time, event.event_id) <= (told.at, told.event_id):
        return
    customer.told = Told.of(event)
    customer.unsubscribed = {
        template: at for template, at in customer.unsubscribed.items() if at > event.event_time
    }


_RULES: Final[dict[type, Callable[[Step, Any], None]]] = {
    Click: on_click,
    OrderStep: on_order_step,
    Signal: on_signal,
    Response: on_response,
    Preferences: on_preferences,
}


def _tidy(step: Step) -> Customer | None:
    """Forget a customer who has not been there for long, but not what they told of themselves."""
    customer = step.customer
    customer.wake_at = 0
    if customer.last_at + KEPT_MS > step.at:
        customer.wake_at = customer.last_at + KEPT_MS
    elif customer.promises:
        customer.wake_at = step.at + DAY_MS
    elif customer.told is None and not customer.unsubscribed:
        return None
    else:
        return Customer(
            last_at=customer.last_at, told=customer.told, unsubscribed=customer.unsubscribed
        )
    return customer
