"""Whether a message is sent, held or dropped, and by which way."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.ndjson import LineEncoder
from connectors.notifications.desk import REMEMBERED_MS, Desk
from connectors.notifications.records import Contact, Request, Template
from connectors.notifications.rules import Drop, Hold, Send, Unreachable, decide
from connectors.provision import SEEDS
from connectors.topics import topic
from udfs.engagement.events import Preferences
from udfs.engagement.hours import Day

HOUR = 3_600_000
BERLIN = Day("Europe/Berlin", 21 * 60, 8 * 60)


def clock(hour: int, minute: int = 0) -> int:
    """Winter in Berlin: an hour ahead of UTC."""
    return int(datetime(2026, 11, 25, hour, minute, tzinfo=UTC).timestamp() * 1000)


NOON, NIGHT = clock(12), clock(23)


def request(**fields):
    given = {
        "event_id": "r1",
        "event_time": 1,
        "customer_id": "c1",
        "template": "ORDER_SHIPPED",
        "channel": "EMAIL",
        "send_at": NOON,
    }
    return Request(**given | fields)


def template(**fields):
    given = {"event_id": "t", "event_time": 1, "template": "ORDER_SHIPPED", "latest_s": 86_400}
    return Template(**given | {"subject": "s", "body": "b"} | fields)


EVERYWHERE = Contact(customer_id="c1", email="a@b.example", phone="+49", push_token="p")


def decided(
    asked=None, words=None, *, now=NOON, contact=EVERYWHERE, told=None, carried=("EMAIL", "SMS")
):
    return decide(asked or request(), words or template(), contact, told, BERLIN, carried, now)


def preferences(**fields):
    return Preferences(event_id="p", event_time=1, customer_id="c1", **fields)


def test_a_message_waits_for_its_time_and_is_sent_then():
    assert decided(now=NOON - 1) == Hold(NOON)
    assert decided(now=NOON) == Send("EMAIL", "a@b.example")


def test_at_night_it_waits_for_the_morning_unless_it_is_urgent():
    asked = request(send_at=NIGHT)
    assert decided(asked, now=NIGHT) == Hold(clock(7) + 24 * HOUR)
    assert decided(asked, template(urgent=True), now=NIGHT) == Send("EMAIL", "a@b.example")


def test_what_would_be_too_late_in_the_morning_is_dropped_at_night():
    asked = request(send_at=NIGHT, parameters={"not_after": str(NIGHT + HOUR)})
    assert decided(asked, now=NIGHT) == Drop("QUIET_HOURS")


@pytest.mark.parametrize(
    "asked",
    [request(parameters={"not_after": str(NOON + HOUR)}), request(send_at=NOON - 23 * HOUR)],
)
def test_what_comes_too_late_is_dropped(asked):
    assert isinstance(decided(asked, now=NOON + HOUR), Send)
    assert decided(asked, now=NOON + HOUR + 1) == Drop("TOO_LATE")


@pytest.mark.parametrize(
    "told",
    [
        preferences(opt_outs=["ORDER_SHIPPED"]),
        preferences(opt_outs=["*"]),
        preferences(blocked_channels=["EMAIL"]),
    ],
)
def test_who_opted_out_gets_what_is_owed_only(told):
    assert decided(told=told) == Drop("OPTED_OUT")
    assert isinstance(decided(None, template(owed=True), told=told), Send)


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        (Contact(customer_id="c1", email="", phone="+49"), None),
        (EVERYWHERE, preferences(blocked_channels=["EMAIL"])),
    ],
)
def test_what_is_owed_takes_another_way_and_what_is_offered_does_not(contact, told):
    assert decided(None, template(owed=True), contact=contact, told=told) == Send("SMS", "+49")
    offered = decided(contact=contact, told=told)
    assert offered == Drop("OPTED_OUT") if told else isinstance(offered, Unreachable)


def test_without_a_way_it_is_said_what_was_looked_for():
    assert decided(contact=None) == Unreachable("customers.contacts has nothing of c1")
    nowhere = decided(None, template(owed=True), contact=Contact(customer_id="c1", push_token="p"))
    assert isinstance(nowhere, Unreachable)
    assert "EMAIL or SMS or PUSH" in nowhere.reason


@settings(deadline=None)
@given(st.integers(0, 3 * 24 * 60), st.booleans(), st.integers(0, 48 * 3600))
def test_held_messages_are_sent_in_the_end_or_dropped_and_never_at_night(after, urgent, latest_s):
    words = template(urgent=urgent, latest_s=latest_s)
    asked = request(send_at=NOON + after * 60_000)
    now = NOON
    for _ in range(3):
        match decided(asked, words, now=now):
            case Hold(until):
                assert until > now
                now = until
            case Send():
                assert urgent or not BERLIN.quiet_for(now)
                assert asked.send_at <= now <= asked.send_at + latest_s * 1000
                return
            case _:
                return
    pytest.fail("held again and again")


def test_a_request_with_a_deadline_that_is_none_is_invalid():
    record = msgspec.to_builtins(request()) | {"parameters": {"not_after": "soon"}}
    with pytest.raises(msgspec.ValidationError, match="not_after as epoch ms, came 'soon'"):
        msgspec.convert(record, Request)


# the desk


def learned(desk, name, key, **record):
    desk.learn(name, key, {"event_id": "e", "event_time": 1, **record}, NOON)


@pytest.fixture
def desk():
    desk = Desk(["EMAIL"])
    learned(desk, "notifications.templates", "ORDER_SHIPPED", template="ORDER_SHIPPED",
            subject="s", body="b")  # fmt: skip
    learned(desk, "customers.contacts", "c1", customer_id="c1", email="a@b.example")
    return desk


def test_quiet_hours_are_the_customers_then_the_templates_then_the_shops(desk):
    evening = clock(18)
    asked = request(send_at=evening)
    assert isinstance(desk.decide(asked, evening), Send)
    learned(desk, "engagement.policies", "*", template="*", quiet_from_min=17 * 60,
            quiet_to_min=19 * 60, time_zone="UTC")  # fmt: skip
    assert desk.decide(asked, evening) == Hold(clock(19))
    learned(desk, "engagement.preferences", "c1", customer_id="c1", quiet_from_min=0,
            quiet_to_min=0)  # fmt: skip
    assert isinstance(desk.decide(asked, evening), Send)


def test_of_two_preferences_the_later_by_time_holds_in_whatever_order_they_come(desk):
    learned(desk, "engagement.preferences", "c1", customer_id="c1", opt_outs=["*"], event_time=9)
    learned(desk, "engagement.preferences", "c1", customer_id="c1", event_time=5)
    assert desk.decide(request(), NOON) == Drop("OPTED_OUT")


def test_a_contact_that_is_forgotten_is_not_written_to(desk):
    desk.learn("customers.contacts", "c1", None, NOON)
    assert isinstance(desk.decide(request(), NOON), Unreachable)


def test_a_reference_record_that_is_none_leaves_what_was_known(desk):
    learned(desk, "notifications.templates", "ORDER_SHIPPED", template="ORDER_SHIPPED",
            subject="s", body="b", latest_s=-1)  # fmt: skip
    assert isinstance(desk.decide(request(), NOON), Send)


def test_what_was_sent_or_dropped_is_done_and_what_failed_may_be_asked_for_again(desk):
    for outcome in ("SENT", "DROPPED", "FAILED"):
        learned(desk, "notifications.deliveries", outcome, request_id=outcome, outcome=outcome,
                event_time=NOON)  # fmt: skip
    assert [desk.is_done(name) for name in ("SENT", "DROPPED", "FAILED")] == [True, True, False]


def test_a_request_is_forgotten_once_it_would_come_too_late_anyway(desk):
    desk.done("r1", NOON, NOON)
    desk.done("r2", NOON + REMEMBERED_MS, NOON + REMEMBERED_MS)
    assert [desk.is_done(name) for name in ("r1", "r2")] == [False, True]


def test_there_is_a_template_for_every_message_that_the_jobs_ask_for():
    import udfs.orders.actions as actions
    from udfs.engagement.step import REASONS

    declared = topic("notifications.templates")
    lines = (SEEDS / "notifications.templates.ndjson").read_bytes().splitlines(keepends=True)
    records = [msgspec.json.decode(line, type=Template) for line in lines]
    assert len(list(LineEncoder(declared, 1).records(lines))) == len(records)
    asked = {
        cell.cell_contents
        for name, action in actions.ACTIONS.items()
        if name.startswith("NOTIFY")
        for cell in action.__closure__ or ()
    } - {"EMAIL", "PUSH"}
    assert {one.template for one in records} == asked | set(REASONS)
    assert {one.template for one in records if not one.owed} == set(REASONS)
