"""Carriers against a real SMTP server and a real HTTP one, both on loopback."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from support.mail_server import MailServer

from bench.storefront import Fault, Storefront
from connectors.delivery.answer import Answer, Outcome
from connectors.delivery.caller import Caller
from connectors.destinations import Endpoint
from connectors.destinations import MailServer as MailSettings
from connectors.notifications.carriers import GatewayCarrier, SmtpCarrier
from connectors.notifications.message import Message

MESSAGE = Message("1-2-3", "ann@customer.example", "Order o1", "Grüße,\nthe shop\n")


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def carry(port: int, message: Message = MESSAGE) -> Answer:
    settings = MailSettings(
        host="127.0.0.1", port=port, sender="The Shöp <shop@shop.example>", timeout_s=0.5
    )
    return asyncio.run(SmtpCarrier(settings).carry(message))


def test_a_mail_says_who_it_is_from_to_whom_and_which_one_it_is(mail):
    assert carry(mail.port).outcome is Outcome.DELIVERED
    (taken,) = mail.taken
    assert taken["From"] == "The Shöp <shop@shop.example>"
    assert taken["To"] == "ann@customer.example"
    assert taken["Subject"] == "Order o1"
    assert taken["Message-ID"] == "<1-2-3@shop.example>"
    assert taken.get_content().splitlines() == MESSAGE.body.splitlines()


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("451 busy", Outcome.FAILED),
        ("554 spam", Outcome.REFUSED),
        ("530 who are you", Outcome.FAILED),
        ("250 lost", Outcome.FAILED),
    ],
)
def test_what_is_for_now_is_tried_again_and_what_is_for_good_is_not(mail, reply, outcome):
    mail.replies.append(reply)
    assert carry(mail.port).outcome is outcome


def test_a_recipient_that_the_server_does_not_know_is_refused(mail):
    mail.refused.add(MESSAGE.to)
    assert carry(mail.port) == Answer(Outcome.REFUSED, "550 no such user")


def test_an_address_that_is_none_is_refused_without_asking(mail):
    answer = carry(mail.port, Message("1", "a@b.example, c@d.example", "s", "b"))
    assert answer.outcome is Outcome.REFUSED
    assert not mail.taken


def test_a_server_that_is_not_there_or_silent_fails_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert carry(port) == Answer(Outcome.FAILED, "no answer within 0.5 s")
    assert carry(port).outcome is Outcome.FAILED


def test_a_gateway_is_called_with_the_messages_id_as_its_key():
    with Storefront(rate=100) as gateway:
        endpoint = Endpoint(url=gateway.url, token="secret", timeout_s=0.3)

        async def twice() -> list[Answer]:
            async with Caller(endpoint) as caller:
                carrier = GatewayCarrier(caller)
                return [await carrier.carry(MESSAGE) for _ in range(2)]

        gateway.faults.append(Fault.SILENCE)
        lost, repeated = asyncio.run(twice())
        assert (lost.outcome, repeated.outcome) == (Outcome.FAILED, Outcome.DELIVERED)
        assert [one["to"] for one in gateway.messages] == ["ann@customer.example"]
        assert [call.key for call in gateway.calls] == ["1-2-3", "1-2-3"]
