"""Promises to write to a customer: made for a cause, ended once, and remembered for a while.

A promise is a child of the customer; `sending` has what happens when its times come.
"""

from typing import Final

from udfs.engagement.events import (
    BROWSE_ABANDONMENT,
    CART_ABANDONMENT,
    POLICIES,
    TRIGGERS,
    Policy,
    Template,
)
from udfs.engagement.state import Customer, Ending, Promise
from udfs.engagement.step import DAY_MS, Step

REMEMBERED_MS: Final = 28 * DAY_MS
"""How long a trigger is known after its end: to be made once only, and for what it is answered."""

MAX_PROMISES: Final = 500
"""Children of a customer, ended ones included; what would be one more is suppressed."""


def promise(
    step: Step, template: Template, trigger_id: str, subject: str, cause_id: str, caused_at: int
) -> bool:
    """Promise a message for what happened at `caused_at` (epoch ms); whether it waits now.

    It does not if the template is not sent at all, or if the trigger is known already.
    """
    policy, children, customer = step.policy(template), step.view.children, step.customer
    if policy is None or children.get(trigger_id) is not None:
        return False
    due_at = caused_at + policy.delay_s * 1000
    latest_at = caused_at + policy.latest_s * 1000
    one = Promise(template, subject, caused_at, cause_id, due_at, latest_at)
    if customer.promises >= MAX_PROMISES:
        _tell(step, trigger_id, one, "SUPPRESSED", "TOO_MANY")
        return False
    customer.promises += 1
    children.add(trigger_id, one, wake_at=due_at)
    return True


def silence(step: Step, trigger_id: str, reason: str) -> None:
    """There is no more reason to write: the promise ends, if it has not ended before.

    Carts and views that come to something before they are due were never abandoned: nothing is
    told of them, and nothing need be remembered.
    """
    one: Promise | None = step.view.children.get(trigger_id)
    if one is None or one.ending:
        return
    if not one.send_at and one.template in (CART_ABANDONMENT, BROWSE_ABANDONMENT):
        forget(step, trigger_id)
    else:
        end(step, trigger_id, one, "SILENCED", reason)


def end(step: Step, trigger_id: str, one: Promise, ending: Ending, reason: str) -> None:
    """Tell what became of the promise, and remember it for a while."""
    _tell(step, trigger_id, one, ending, reason)
    _settle(step.customer, one, trigger_id)
    one.ending = ending
    one.forget_at = max(step.at, one.send_at) + REMEMBERED_MS
    step.view.children.put(trigger_id, one, wake_at=one.forget_at)


def forget(step: Step, trigger_id: str) -> None:
    step.view.children.remove(trigger_id)
    step.customer.promises -= 1


def _settle(customer: Customer, one: Promise, trigger_id: str) -> None:
    """What led to a promise that has ended leads to no other."""
    if one.template == CART_ABANDONMENT and customer.cart.trigger_id == trigger_id:
        customer.cart.trigger_id = ""
        customer.cart.settled_at = max(customer.cart.settled_at, one.caused_at)
    viewed = customer.viewed.get(one.subject) if one.template == BROWSE_ABANDONMENT else None
    if viewed is not None and viewed.trigger_id == trigger_id:
        viewed.settle(one.caused_at)
        viewed.trigger_id = ""


def _tell(step: Step, trigger_id: str, one: Promise, ending: Ending, reason: str) -> None:
    policy: Policy | None = step.view.reference(POLICIES).get(one.template)
    record = {
        "event_id": trigger_id,
        "customer_id": step.view.entity,
        "trigger_id": trigger_id,
        "template": one.template,
        "outcome": ending,
        "reason": reason,
        "subject": one.subject,
        "skus": skus_of(step.customer, one),
        "cause_id": one.cause_id,
        "caused_at": one.caused_at,
        "due_at": one.due_at,
        "latest_at": one.latest_at,
        "send_at": None,
        "local_hour": None,
        "channel": None,
        "policy_version": 0 if policy is None else policy.version,
        "limits_version": step.shop.version,
    }
    step.outputs.append((TRIGGERS, record))


def skus_of(customer: Customer, one: Promise) -> list[str]:
    """The skus that the promise is about, as far as they are known."""
    if one.template == CART_ABANDONMENT:
        return [sku for sku in customer.cart.items if sku]
    return [one.subject] if one.template in ("BROWSE_ABANDONMENT", "BACK_IN_STOCK") else []
