"""The engagement audit: it holds for a right log, and falls with what is falsified in it."""

from collections.abc import Callable
from typing import Any

import pytest
from support.engagement_log import NOON, SECOND, EngagementLog, shop_day

from deploy.audit.engagement import audit
from deploy.simulate.engagement import hasty_policies

TRIGGERS, MESSAGES = "engagement.triggers", "notifications.requests"
CLICKS, LIFECYCLE = "clickstream.events", "orders.lifecycle"
GRACE = 10 * SECOND
AS_OF = NOON + 1000 * SECOND + GRACE


@pytest.fixture
def day() -> EngagementLog:
    defaults = {"active": True, "quiet_from_min": None, "quiet_to_min": None, "time_zone": None}
    policies = [defaults | sending.record for sending in hasty_policies(NOON - 7_200_000)]
    return shop_day(policies)


def judged(log: EngagementLog, as_of: int | None = AS_OF) -> Any:
    return audit(log.entries, as_of=as_of, grace_ms=GRACE)


def test_a_right_log_holds_and_is_worth_looking_at(day):
    verdict = judged(day)
    assert verdict.ok, str(verdict)
    for template in ("CART_ABANDONMENT", "BROWSE_ABANDONMENT", "BACK_IN_STOCK", "CROSS_SELL"):
        assert day.first(TRIGGERS, template=template, outcome="SENT")
    assert day.first("engagement.responses", response="OPENED")


def sent(day: EngagementLog, **having: Any) -> dict:
    return day.first(TRIGGERS, outcome="SENT", **having)


def decide_twice(day: EngagementLog) -> None:
    day.add(TRIGGERS, sent(day))


def ask_twice(day: EngagementLog) -> None:
    day.add(MESSAGES, day.first(MESSAGES))


def ask_for_nothing_decided(day: EngagementLog) -> None:
    day.add(MESSAGES, day.first(MESSAGES) | {"event_id": "nobody's"})


def never_ask(day: EngagementLog) -> None:
    day.drop(MESSAGES)


def send_too_late(day: EngagementLog) -> None:
    trigger = sent(day, template="CART_ABANDONMENT")
    late = {"send_at": trigger["caused_at"] + 31 * SECOND}
    day.change(TRIGGERS, late, trigger_id=trigger["trigger_id"])
    day.change(MESSAGES, late, event_id=trigger["trigger_id"])


def be_bought(day: EngagementLog) -> None:
    trigger = sent(day, template="CART_ABANDONMENT")
    day.change(TRIGGERS, {"send_at": trigger["caused_at"] + 25 * SECOND}, **_named(trigger))
    day.change(
        MESSAGES, {"send_at": trigger["caused_at"] + 25 * SECOND}, event_id=trigger["trigger_id"]
    )
    bought = day.first(CLICKS, event_id=trigger["cause_id"])
    at = trigger["caused_at"] + SECOND
    day.add(CLICKS, bought | {"event_id": "b", "event_type": "PURCHASE", "event_time": at})


def _named(trigger: dict) -> dict:
    return {"trigger_id": trigger["trigger_id"]}


def be_viewed_by_nobody(day: EngagementLog) -> None:
    trigger = sent(day, template="BROWSE_ABANDONMENT")
    day.drop(CLICKS, event_id=trigger["cause_id"])


def be_returned(day: EngagementLog) -> None:
    trigger = sent(day, template="CROSS_SELL")
    step = day.first(LIFECYCLE, order_id=trigger["subject"], to_state="DELIVERED")
    back = {"event_id": "r", "from_state": "DELIVERED", "to_state": "RETURNED"}
    day.add(LIFECYCLE, step | back)


def be_night(day: EngagementLog) -> None:
    trigger = sent(day)
    preferences = day.first("engagement.preferences", customer_id=trigger["customer_id"])
    all_day = {"quiet_from_min": 0, "quiet_to_min": 1439}
    day.change("engagement.preferences", all_day, event_id=preferences["event_id"])


def have_a_lower_cap(day: EngagementLog) -> None:
    day.change("engagement.policies", {"weekly_cap": 1}, template="*")


def be_opted_out(day: EngagementLog) -> None:
    customer_id = sent(day)["customer_id"]
    day.change("engagement.preferences", {"opt_outs": ["*"]}, customer_id=customer_id)


def be_unsubscribed(day: EngagementLog) -> None:
    trigger = sent(day)
    at = trigger["send_at"] - 2 * GRACE
    answer = day.first("engagement.responses") | {
        "event_id": "u",
        "event_time": at,
        "customer_id": trigger["customer_id"],
        "template": trigger["template"],
        "response": "UNSUBSCRIBED",
    }
    day.add("engagement.responses", answer)


def tell_of_no_wish(day: EngagementLog) -> None:
    signal = day.first("engagement.signals")
    day.drop(CLICKS, event_id=signal["wish_id"])


def tell_of_no_alert(day: EngagementLog) -> None:
    signal = day.first("engagement.signals")
    day.drop("inventory.alerts", event_id=signal["cause_id"])


def leave_a_wish_unanswered(day: EngagementLog) -> None:
    wish = {
        "event_id": "w",
        "event_time": NOON - 60 * SECOND,
        "visitor_id": "v",
        "customer_id": "run-new",
        "event_type": "WISHLIST_ADD",
        "sku": "mug",
    }
    day.add(CLICKS, wish)


def forget_a_cart(day: EngagementLog) -> None:
    day.add(
        CLICKS,
        {
            "event_id": "c",
            "event_time": NOON,
            "visitor_id": "v",
            "customer_id": "run-new",
            "event_type": "ADD_TO_CART",
            "sku": "mug",
        },
    )


def forget_a_delivery(day: EngagementLog) -> None:
    step = day.first(LIFECYCLE, to_state="DELIVERED")
    day.add(LIFECYCLE, step | {"event_id": "d", "order_id": "o-new"})


def lose_a_dead_letter(day: EngagementLog) -> None:
    day.drop("dlq")


def take_a_time_to_come(day: EngagementLog) -> None:
    hovered = {"event_id": "h", "visitor_id": "v", "customer_id": "run-new", "event_type": "HOVER"}
    day.add(CLICKS, {**hovered, "event_time": AS_OF + 7_200_000})


def set_an_event_aside(day: EngagementLog) -> None:
    day.change("dlq", {"source_offset": 0})


@pytest.mark.parametrize(
    ("falsify", "check"),
    [
        (decide_twice, "every trigger is decided once"),
        (ask_twice, "what is sent is asked for once, and nothing else is"),
        (ask_for_nothing_decided, "what is sent is asked for once, and nothing else is"),
        (never_ask, "what is sent is asked for once, and nothing else is"),
        (send_too_late, "what is sent is neither too early nor too late"),
        (be_bought, "what is sent has its cause, and nothing had silenced it"),
        (be_viewed_by_nobody, "what is sent has its cause, and nothing had silenced it"),
        (be_returned, "what is sent has its cause, and nothing had silenced it"),
        (be_night, "nobody is written to in quiet hours"),
        (have_a_lower_cap, "nobody gets more than the weekly caps"),
        (be_opted_out, "nobody gets what they have opted out of"),
        (be_unsubscribed, "nobody gets what they have opted out of"),
        (tell_of_no_wish, "who wished for a sku hears that it is back, nobody else"),
        (tell_of_no_alert, "who wished for a sku hears that it is back, nobody else"),
        (leave_a_wish_unanswered, "who wished for a sku hears that it is back, nobody else"),
        (forget_a_cart, "every cart that was left and every delivery is decided"),
        (forget_a_delivery, "every cart that was left and every delivery is decided"),
        (lose_a_dead_letter, "records that are no events, and only they, are in dlq"),
        (take_a_time_to_come, "records that are no events, and only they, are in dlq"),
        (set_an_event_aside, "records that are no events, and only they, are in dlq"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_log_that_was_falsified_does_not_hold(
    day: EngagementLog, falsify: Callable[[EngagementLog], None], check: str
):
    falsify(day)
    verdict = judged(day)
    assert not verdict.ok
    assert not verdict.check(check).ok, str(verdict)


def test_without_a_time_of_audit_what_is_still_to_come_is_not_judged(day):
    forget_a_cart(day)
    verdict = judged(day, as_of=None)
    assert verdict.ok
    assert verdict.notes == ["no time of audit was given: outcomes are not judged"]


def test_messages_of_other_jobs_are_none_of_its_business(day):
    day.add(MESSAGES, day.first(MESSAGES) | {"event_id": "o1/x", "template": "ORDER_SHIPPED"})
    assert judged(day).ok
