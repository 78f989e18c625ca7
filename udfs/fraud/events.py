"""What the fraud job reads: orders, what becomes of them, and what it told itself.

Times are epoch milliseconds of event time. Fields that no rule looks at (the order's lines, say)
are not declared, and are skipped when a record is converted.
"""

from typing import Annotated, Final, Literal

import msgspec

ORDERS: Final = "orders.initiated"
PAYMENTS: Final = "payments.events"
OUTCOMES: Final = "fraud.outcomes"
RULES: Final = "fraud.rules"
SIGNALS: Final = "fraud.signals"
DECISIONS: Final = "fraud.decisions"
ALERTS: Final = "fraud.alerts"
JUDGEMENTS: Final = "fraud.judgements"
PERFORMANCES: Final = "fraud.rule-performance"

MAX_TIME: Final = 253_402_300_799_999
"""The last millisecond of the year 9999: beyond it a time is not in milliseconds."""

MAX_AMOUNT: Final = 10**15
"""Minor units that no order reaches: beyond it a number is a mistake, not an amount."""

PAYMENT_DECLINED: Final = "PAYMENT_DECLINED"
FRAUD: Final = "FRAUD"

Signal = Literal["PAYMENT_DECLINED", "FRAUD"]
Verdict = Literal["LEGITIMATE", "FRAUD"]
Band = Literal["APPROVE", "STEP_UP", "REVIEW", "DECLINE"]

Id = Annotated[str, msgspec.Meta(min_length=1)]
Time = Annotated[int, msgspec.Meta(gt=0, le=MAX_TIME)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=MAX_AMOUNT)]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
Country = Annotated[str, msgspec.Meta(min_length=2, max_length=2)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]


class OrderInitiated(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A customer placed an order.

    amount_minor: minor units of `currency`. Countries: ISO 3166-1 alpha-2. Position: degrees north
    and east. account_created_at: None for a guest. An empty device or card is none.
    """

    event_id: Id
    event_time: Time
    order_id: Id
    customer_id: Id
    amount_minor: Amount
    currency: Currency
    account_created_at: Time | None = None
    card_fingerprint: str | None = None
    device_id: str | None = None
    ip_country: Country | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    billing_country: Country | None = None
    shipping_country: Country | None = None


class PaymentEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The payment provider spoke of an order; only a DECLINED matters here."""

    event_id: Id
    event_time: Time
    order_id: Id
    event_type: Literal["AUTHORIZED", "DECLINED", "CAPTURED", "REFUNDED"]


class FraudOutcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Somebody knows what an order turned out to be."""

    event_id: Id
    event_time: Time
    order_id: Id
    customer_id: Id
    outcome: Verdict
    source: Literal["CHARGEBACK", "REVIEWER", "CUSTOMER"]


class FraudSignal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A declined payment or a fraud, with the device, card and customer of its order."""

    event_id: Id
    event_time: Time
    signal: Signal
    order_id: Id
    customer_id: Id
    device_id: str | None = None
    card_fingerprint: str | None = None


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A decision beside what its order turned out to be.

    rule_set: the rules' version as text. rules, shadow_rules: ids of those that added points, and
    of those that would have.
    """

    event_id: Id
    event_time: Time
    rule_set: Id
    rules_version: Annotated[int, msgspec.Meta(ge=0)]
    order_id: Id
    outcome: Verdict
    band: Band
    rules: tuple[str, ...] = ()
    shadow_rules: tuple[str, ...] = ()
