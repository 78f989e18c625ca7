"""What happens when a promise's times come: it is given its moment, and sent or suppressed.

What a promise is counted from may move on while it waits (another view, another cart event); it is
then woken at the old time, finds out, and waits on: cheaper than a new wake-up for every click.
"""

from bisect import bisect
from collections.abc import Sequence
from typing import Final

from udfs.engagement.events import (
    ALL,
    BROWSE_ABANDONMENT,
    CART_ABANDONMENT,
    CROSS_SELL,
    NOTIFICATIONS,
    REVIEW_REQUEST,
    Channel,
    Policy,
    Template,
)
from udfs.engagement.hours import FULL, Day, best_moment, counted, faded
from udfs.engagement.promises import REMEMBERED_MS, end, forget, skus_of
from udfs.engagement.state import Promise
from udfs.engagement.step import DAY_MS, REASONS, Step

WEEK_MS: Final = 7 * DAY_MS


def wake(step: Step, trigger_id: str) -> None:
    """The promise's time has come: to be sent, to be given its moment, or to be forgotten.

    Nothing happens if it waits for something else by now, or is gone.
    """
    one: Promise | None = step.view.children.get(trigger_id)
    if one is None:
        return
    if one.ending:
        if step.at >= one.forget_at:
            forget(step, trigger_id)
        return
    _move_on(step, one)
    policy = step.policy(one.template)
    wait_for = one.send_at or one.due_at
    if step.at < wait_for:
        step.view.children.put(trigger_id, one, wake_at=wait_for)
    elif policy is None:
        end(step, trigger_id, one, "SUPPRESSED", "TEMPLATE_OFF")
    else:
        _decide(step, trigger_id, one, policy)


def _move_on(step: Step, one: Promise) -> None:
    """Count from what the customer did last, if that is later than was known."""
    customer = step.customer
    caused_at, cause_id = one.caused_at, one.cause_id
    if one.template == CART_ABANDONMENT:
        caused_at, cause_id = customer.cart.last_at, customer.cart.last_id
    elif one.template == BROWSE_ABANDONMENT:
        viewed = customer.viewed[one.subject]
        caused_at, cause_id = viewed.times[-1], viewed.last_id
    if caused_at <= one.caused_at:
        return
    by = caused_at - one.caused_at
    one.due_at, one.latest_at = one.due_at + by, one.latest_at + by
    one.caused_at, one.cause_id, one.send_at = caused_at, cause_id, 0


def _decide(step: Step, trigger_id: str, one: Promise, policy: Policy) -> None:
    customer = step.customer
    channel = _channel(step, one.template, policy)
    if channel is None:
        end(step, trigger_id, one, "SUPPRESSED", "OPTED_OUT")
        return
    day = step.day(policy)
    # the customer may have changed when not to be disturbed since the moment was chosen
    moment: int | None = step.at
    if not one.send_at or day.quiet_for(step.at):
        sent, opened = customer.hours_sent, customer.hours_opened
        moment = best_moment(trigger_id, step.at, one.latest_at, day, sent, opened)
    if moment is None:
        end(step, trigger_id, one, "SUPPRESSED", "QUIET_HOURS")
        return
    one.send_at = moment
    if moment > step.at:
        step.view.children.put(trigger_id, one, wake_at=moment)
        return
    own = [at for at, template in customer.sent if template == one.template]
    all_ = [at for at, _ in customer.sent]
    if _exceeds(own, moment, policy.weekly_cap) or _exceeds(all_, moment, step.shop.weekly_cap):
        end(step, trigger_id, one, "SUPPRESSED", "WEEKLY_CAP")
        return
    _send(step, trigger_id, one, day, channel)


def _channel(step: Step, template: Template, policy: Policy) -> Channel | None:
    """How the customer is to be written to; None if they do not want to be."""
    told = step.customer.told
    channel = policy.channel or step.shop.channel or "EMAIL"
    if template in step.customer.unsubscribed:
        return None
    if told is None:
        return channel
    channel = told.channel or channel
    if template in told.opt_outs or ALL in told.opt_outs or channel in told.blocked_channels:
        return None
    return channel


def _exceeds(times: Sequence[int], at: int, cap: int) -> bool:
    """Whether one more at `at` makes more than `cap` within any 7 days around it.

    times: of the others (epoch ms), ascending. A wake-up may be late, so they may lie after `at`.
    """
    place = bisect(times, at)
    with_it = [*times[:place], at, *times[place:]]
    runs = range(max(0, place - cap), min(place, len(times) - cap) + 1)
    return any(with_it[start + cap] - with_it[start] < WEEK_MS for start in runs)


def _send(step: Step, trigger_id: str, one: Promise, day: Day, channel: Channel) -> None:
    customer = step.customer
    one.hour = day.local(one.send_at).hour
    customer.hours_sent = counted(customer.hours_sent, one.hour)
    if max(customer.hours_sent) >= FULL:
        customer.hours_sent = faded(customer.hours_sent)
        customer.hours_opened = faded(customer.hours_opened)
    customer.sent = sorted([*customer.sent, (one.send_at, one.template)])
    newest, _ = customer.sent[-1]
    customer.sent = [(at, of) for at, of in customer.sent if at > newest - REMEMBERED_MS]

    skus = skus_of(customer, one)
    parameters = {"trigger_id": trigger_id, "not_after": str(one.latest_at)}
    if skus:
        parameters["skus"] = ",".join(skus)
    if one.template in (REVIEW_REQUEST, CROSS_SELL):
        parameters["order_id"] = one.subject
    request = {
        "event_id": trigger_id,
        "customer_id": step.view.entity,
        "template": one.template,
        "channel": channel,
        "send_at": one.send_at,
        "parameters": parameters,
    }
    end(step, trigger_id, one, "SENT", REASONS[one.template])
    step.outputs[-1][1].update(channel=channel, local_hour=one.hour, send_at=one.send_at)
    step.outputs.append((NOTIFICATIONS, request))
