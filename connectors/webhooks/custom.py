"""The format for shops of one's own: Standard Webhooks (standardwebhooks.com) around a contract.

The body is `{"type": TOPIC, "data": {...}}`, where TOPIC is a topic of this project and `data` a
record of it. event_id and event_time may be left out of `data`: they are then webhook-id and the
body's `timestamp` (epoch ms). Besides, `inventory.levels` tells how many units there are rather
than what changed, and `carts` what is in a cart; docs/webhooks.md has an example of each.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from connectors.webhooks.contract import (
    EVENTS,
    MAX_LINES,
    Cart,
    CartLine,
    Change,
    Currency,
    Event,
    Fact,
    Id,
    Level,
    Time,
)
from connectors.webhooks.reading import BodyMapping, Told, checked, made
from connectors.webhooks.signatures import Headers, signs_message, standard_key

ID_HEADER = "webhook-id"
HEADERS = {
    ID_HEADER: "Names the delivery, the same in every retry.",
    "webhook-timestamp": "When this attempt was signed: epoch seconds, at most 300 from now.",
    "webhook-signature": "`v1,` and the base64 HMAC-SHA256 of `ID.TIMESTAMP.BODY`; "
    "several are separated by spaces.",
}

key_of = standard_key


def signed(headers: Headers, body: bytes, secrets: Sequence[bytes], now_s: float) -> bool:
    return signs_message(headers, body, secrets, now_s)


class _Typed(Struct):
    type: str = ""


class _Message(Struct):
    data: dict[str, Any]
    timestamp: Time | None = None


class _LevelTold(Struct, forbid_unknown_fields=True):
    sku: Id
    warehouse_id: Id
    available: Change


class _CartTold(Struct, forbid_unknown_fields=True):
    cart_id: Id
    visitor_id: Id
    lines: Annotated[tuple[CartLine, ...], Meta(max_length=MAX_LINES)]
    customer_id: Id | None = None
    currency: Currency | None = None


def topic_of(_headers: Headers, body: bytes) -> str:
    """The body's `type`; empty if it has none."""
    try:
        return msgspec.json.decode(body, type=_Typed).type
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def _at(message: _Message, told: Told) -> int:
    return message.timestamp or told.received_ms


def _contract(event_type: type[Event]) -> BodyMapping[Any]:
    def event(message: _Message, told: Told) -> list[Fact]:
        defaults = {"event_id": told.name(told.delivery_id), "event_time": _at(message, told)}
        return [checked(event_type, defaults | message.data)]

    return BodyMapping(_Message, event)


def level(message: _Message, told: Told) -> list[Fact]:
    """inventory.levels: units of a sku at a warehouse."""
    stock = checked(_LevelTold, message.data)
    return [
        made(Level, source=told.platform, at=_at(message, told), **msgspec.structs.asdict(stock))
    ]


def cart(message: _Message, told: Told) -> list[Fact]:
    """carts: all that is in a cart."""
    filled = checked(_CartTold, message.data)
    return [
        made(Cart, source=told.platform, at=_at(message, told), **msgspec.structs.asdict(filled))
    ]


MAPPINGS: Mapping[str, BodyMapping[Any]] = {
    **{event_type.topic: _contract(event_type) for event_type in EVENTS},
    "inventory.levels": BodyMapping(_Message, level),
    "carts": BodyMapping(_Message, cart),
}
