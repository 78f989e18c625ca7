"""The words of messages."""

import pytest

from connectors.notifications.message import MissingParameterError, amount, message_of
from connectors.notifications.records import Request, Template


def request(**parameters):
    return Request(
        event_id="o1/ORDER_CONFIRMED",
        event_time=1,
        customer_id="c1",
        template="ORDER_CONFIRMED",
        channel="EMAIL",
        send_at=1,
        parameters=parameters,
    )


def words(subject, body="b"):
    return Template(event_id="t", event_time=1, template="x", subject=subject, body=body)


def test_a_message_says_what_its_template_and_the_request_say():
    asked = request(order_id="o1", amount_minor="1999", currency="EUR")
    message = message_of(asked, words("Order $order_id", "$amount, thanks"), "a@b.example")
    assert (message.subject, message.body) == ("Order o1", "19.99 EUR, thanks")
    assert message.to == "a@b.example"


def test_the_same_request_has_the_same_id_and_another_has_another():
    one, same = (message_of(request(), words("s"), to) for to in ("a", "b"))
    other = message_of(Request(**{**_fields(request()), "event_id": "o2"}), words("s"), "a")
    assert one.id == same.id != other.id


def _fields(asked):
    return {name: getattr(asked, name) for name in asked.__struct_fields__}


def test_a_parameter_that_is_missing_is_named_rather_than_sent_as_a_hole():
    with pytest.raises(MissingParameterError, match=r"needs the parameter order_id; .* has a"):
        message_of(request(a="1"), words("Order $order_id"), "a")


def test_a_parameter_cannot_begin_another_header():
    message = message_of(request(name="x\r\nBcc: all@b.example"), words("Hi $name"), "a")
    assert message.subject == "Hi x Bcc: all@b.example"


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1999, "EUR", "19.99 EUR"),
        (5, "EUR", "0.05 EUR"),
        (-1999, "EUR", "-19.99 EUR"),
        (1999, "JPY", "1999 JPY"),
        (1999, "KWD", "1.999 KWD"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(minor, currency, text):
    assert amount(minor, currency) == text
