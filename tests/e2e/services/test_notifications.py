"""Messages by a real SMTP server and a real gateway, by a service that is killed meanwhile."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from support.live_topics import LiveTopics
from support.mail_server import MailServer
from support.services import ServiceProcess, has_begun
from support.waiting import until

from bench.storefront import Storefront
from connectors.clock import now_ms
from deploy.stack.temporary import LocalStack

FULL_DAY = {"quiet_from_min": 0, "quiet_to_min": 1439, "time_zone": "UTC"}


@pytest.fixture(scope="module")
def shop(stack: LocalStack) -> Iterator[LiveTopics]:
    assert stack.state
    topics = LiveTopics(["notifications.deliveries", "dlq"])
    people = {
        "ann": {"email": "ann@customer.example"},
        "bob": {"phone": "+49301234", "push_token": "bobs-phone"},
        "night-owl": {"email": "owl@customer.example"},
        "gone": {"email": "gone@customer.example"},
    }
    topics.send(
        "customers.contacts",
        *(record(f"contact-{name}", customer_id=name, **of) for name, of in people.items()),
    )
    topics.send(
        "engagement.preferences",
        record("owl", customer_id="night-owl", **FULL_DAY),
        *(
            record(f"awake-{name}", customer_id=name, quiet_from_min=0, quiet_to_min=0)
            for name in ("ann", "bob", "gone", "nobody")  # whatever the hour at which this runs
        ),
    )
    yield topics
    topics.close()


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        server.refused.add("gone@customer.example")
        yield server


@pytest.fixture(scope="module")
def gateway() -> Iterator[Storefront]:
    with Storefront(rate=50) as server:
        yield server


@pytest.fixture(scope="module")
def service(shop: LiveTopics, mail: MailServer, gateway: Storefront) -> Iterator[ServiceProcess]:
    assert shop
    email = {
        "host": "127.0.0.1",
        "port": mail.port,
        "sender": "Shop <shop@shop.example>",
        "rate_per_s": 50,
        "timeout_s": 2,
    }
    sms = {"url": gateway.url, "rate_per_s": 50, "timeout_s": 2}
    with ServiceProcess("notifications", notifications={"email": email, "sms": sms}) as running:
        until(lambda: has_begun("notifications", "notifications.requests"), "its place in the log")
        yield running


def record(event_id: str, **fields: Any) -> dict[str, Any]:
    return {"event_id": event_id, "event_time": now_ms(), **fields}


def request(request_id: str, customer: str, **fields: Any) -> dict[str, Any]:
    given = {
        "customer_id": customer,
        "template": "ORDER_SHIPPED",
        "channel": "EMAIL",
        "send_at": now_ms(),
        "parameters": {"order_id": request_id},
    }
    return record(request_id, **given | fields)


def ask(shop: LiveTopics, *requests: dict[str, Any]) -> None:
    shop.send("notifications.requests", *requests)


def outcomes(shop: LiveTopics) -> dict[str, tuple[str, str | None]]:
    told = shop.seen["notifications.deliveries"]
    return {one["request_id"]: (one["outcome"], one["reason"]) for one in told}


def about(mail: MailServer, request_id: str) -> int:
    return Counter(one["Subject"] for one in list(mail.taken))[
        f"Your order {request_id} is on its way"
    ]


def test_each_request_is_sent_once_though_it_is_asked_for_twice_and_the_service_is_killed(
    shop: LiveTopics, service: ServiceProcess, mail: MailServer
) -> None:
    names = [f"o-{number}" for number in range(40)]
    ask(shop, *(request(name, "ann") for name in names[:20] * 2))
    until(lambda: about(mail, "o-5"), "some mails")
    service.kill()
    ask(shop, *(request(name, "ann") for name in names))
    service.start()
    shop.wait_for(lambda: set(names) <= set(outcomes(shop)), "all of them")

    assert {outcomes(shop)[name] for name in names} == {("SENT", None)}
    sent = [about(mail, name) for name in names]
    assert all(sent)
    # SMTP has no keys: of the (at most 4) mails that were under way when the service was killed,
    # some may be there twice, and then with the same id
    assert sum(sent) <= len(names) + 4
    ids = {one["Message-ID"] for one in mail.taken if one["Subject"].startswith("Your order o-")}
    assert len(ids) == len(names)


def test_a_message_waits_for_its_time_and_one_that_is_late_is_dropped(
    shop: LiveTopics, service: ServiceProcess, mail: MailServer
) -> None:
    assert service
    due = now_ms() + 2000
    ask(shop, request("later", "ann", send_at=due))
    ask(
        shop,
        request("late", "ann", parameters={"order_id": "late", "not_after": str(now_ms() - 1)}),
    )
    shop.wait_for(lambda: {"later", "late"} <= set(outcomes(shop)), "both")
    told = shop.seen["notifications.deliveries"]
    assert [due <= one["event_time"] for one in told if one["request_id"] == "later"] == [True]
    assert outcomes(shop)["late"] == ("DROPPED", "TOO_LATE")
    assert (about(mail, "later"), about(mail, "late")) == (1, 0)


def test_at_night_only_what_is_urgent_is_sent(
    shop: LiveTopics, service: ServiceProcess, mail: MailServer
) -> None:
    assert service
    amount = {"amount_minor": "1999", "currency": "EUR"}
    ask(shop, request("quiet", "night-owl"))
    confirmed = {"order_id": "urgent", **amount}
    ask(shop, request("urgent", "night-owl", template="ORDER_CONFIRMED", parameters=confirmed))
    shop.wait_for(lambda: "urgent" in outcomes(shop), "the urgent one")
    assert mail.subjects("owl") == ["Your order urgent is confirmed"]
    assert "19.99 EUR" in mail.taken[-1].get_content()
    assert "quiet" not in outcomes(shop)


def test_what_is_owed_finds_its_way_and_what_cannot_be_sent_is_a_dead_letter(
    shop: LiveTopics, service: ServiceProcess, gateway: Storefront
) -> None:
    assert service
    ask(shop, request("to-bob", "bob"))
    ask(shop, request("to-gone", "gone"))
    ask(shop, request("to-nobody", "nobody"))
    ask(shop, request("no-words", "ann", parameters={}))
    asked = {"to-bob", "to-gone", "to-nobody", "no-words"}
    shop.wait_for(lambda: asked <= set(outcomes(shop)), "all of them")
    shop.wait_for(lambda: len(letters(shop)) >= 3, "the dead letters")

    assert [one["to"] for one in gateway.messages] == ["+49301234"]
    assert {outcomes(shop)[name][0] for name in asked - {"to-bob"}} == {"FAILED"}
    reasons = " / ".join(sorted(letter["error_message"] for letter in letters(shop)))
    for expected in ("550 no such user", "has nothing of nobody", "needs the parameter order_id"):
        assert expected in reasons


def letters(shop: LiveTopics) -> list[dict[str, Any]]:
    return [letter for letter in shop.seen["dlq"] if letter["job"] == "notifications"]
