"""The fraud domains, as the runtime needs them."""

from typing import Final

from udfs.contract import Domain, Links
from udfs.fraud import customers, links, performance
from udfs.fraud.events import (
    ALERTS,
    DECISIONS,
    JUDGEMENTS,
    ORDERS,
    OUTCOMES,
    PAYMENTS,
    PERFORMANCES,
    RULES,
    SIGNALS,
    FraudOutcome,
    FraudSignal,
    Judgement,
    OrderInitiated,
    PaymentEvent,
)
from udfs.fraud.rule_data import FraudRule
from udfs.fraud.state import Customer, Decided, Link, Performance

FRAUD: Final = Domain(
    name="fraud",
    entity="customer_id",
    inputs={
        ORDERS: OrderInitiated,
        OUTCOMES: FraudOutcome,
        PAYMENTS: PaymentEvent,
        SIGNALS: FraudSignal,
    },
    reference={RULES: FraudRule},
    outputs=(DECISIONS, ALERTS, SIGNALS, JUDGEMENTS),
    rule=customers.decide,
    state=Customer,
    child=Decided,
    links=Links(
        touches=links.touches,
        touch=links.Touch,
        answer=links.LinkFacts,
        rule=links.decide,
        state=Link,
    ),
    bears_repeats=True,
    at_least_once=True,
)

PERFORMANCE: Final = Domain(
    name="fraud-performance",
    entity="rule_set",
    inputs={JUDGEMENTS: Judgement},
    reference={RULES: FraudRule},
    outputs=(PERFORMANCES,),
    rule=performance.decide,
    state=Performance,
    at_least_once=True,
)
