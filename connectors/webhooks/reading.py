"""What the platforms' bodies have in common: decoding, money, times, guests."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, DecimalException
from typing import Any, Generic, TypeVar

import msgspec

from connectors.webhooks.contract import MAX_AMOUNT, Fact, Unmappable

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

# ISO 4217: currencies whose minor unit is not a hundredth, by its number of decimals
_UNUSUAL = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DECIMALS = {code: decimals for decimals, codes in _UNUSUAL.items() for code in codes.split()}


@dataclass(frozen=True)
class Told:
    """What is known of a delivery besides its body.

    currency: of a shop whose bodies do not name one. received_ms: epoch ms, for bodies without a
    time of their own.
    """

    platform: str
    currency: str
    delivery_id: str
    received_ms: int

    def name(self, *parts: object) -> str:
        """An id that no other platform's can equal."""
        return ":".join((self.platform, *map(str, parts)))

    def customer(self, customer_id: int | None, email: str | None, order_id: object) -> str:
        """The customer; one without an account is known by the email, or else by the order."""
        if customer_id:
            return self.name(customer_id)
        if email and email.strip():
            digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()
            return self.name("guest", digest[:16])
        return self.name("guest", "order", order_id)


class BodyMapping(Generic[T]):
    """Reads bodies as `body_type`, whose undeclared fields are skipped, then maps them to facts."""

    def __init__(self, body_type: type[T], facts: Callable[[T, Told], list[Fact]]) -> None:
        self.body_type = body_type
        self._facts = facts
        self._decoder = msgspec.json.Decoder(body_type)

    def __call__(self, body: bytes, told: Told) -> list[Fact]:
        """Raises Unmappable with the reason."""
        try:
            decoded = self._decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Unmappable(str(error)) from error
        return self._facts(decoded, told)


def made(fact_type: type[T], **fields: Any) -> T:
    """The event or snapshot, its fields checked; raises Unmappable naming the field."""
    return checked(fact_type, fields)


def checked(fact_type: type[T], fields: Mapping[str, Any]) -> T:
    """As `made`, of fields by name."""
    try:
        return msgspec.convert(fields, fact_type)
    except msgspec.ValidationError as error:
        raise Unmappable(f"{fact_type.__name__}: {error}") from error


def minor(amount: Decimal, currency: str, *, rounded: bool = False) -> int:
    """The amount in minor units of the currency.

    rounded: half to even, for a price that a platform has divided; else what is not a whole number
    of minor units raises Unmappable.
    """
    if not amount.is_finite() or amount.adjusted() > 15:
        raise Unmappable(f"expected an amount of money up to {MAX_AMOUNT:,}, came {amount!s:.40}")
    try:
        scaled = amount.scaleb(_DECIMALS.get(currency, 2))
        whole = scaled.to_integral_value(ROUND_HALF_EVEN)
    except DecimalException as error:
        raise Unmappable(f"expected an amount of money, came {amount!s:.40}") from error
    if whole != scaled and not rounded:
        raise Unmappable(f"expected an amount in minor units of {currency}, came {amount!s:.40}")
    return int(whole)


def units(quantity: Decimal) -> int:
    """Units; what is sold by weight has none."""
    if not quantity.is_finite() or quantity.adjusted() > 15 or quantity != int(quantity):
        raise Unmappable(f"expected a whole number of units, came {quantity!s:.40}")
    return int(quantity)


def epoch_ms(moment: datetime) -> int:
    """UTC epoch ms; a time without a zone is UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // MILLISECOND


def country(code: str | None) -> str | None:
    """The ISO 3166-1 alpha-2 code, or None for what is none, such as an empty string."""
    return code.upper() if code and len(code) == 2 and code.isalpha() and code.isascii() else None
