"""The engagement domain, as the runtime needs it."""

from typing import Final

from udfs.contract import Domain, Links
from udfs.engagement import rules, wishes
from udfs.engagement.events import (
    ALERTS,
    CLICKS,
    LIFECYCLE,
    NOTIFICATIONS,
    POLICIES,
    PREFERENCES,
    RESPONSES,
    SIGNALS,
    TRIGGERS,
    Click,
    OrderStep,
    Policy,
    Preferences,
    Response,
    Signal,
    StockAlert,
)
from udfs.engagement.state import Customer, Promise, Wishes

ENGAGEMENT: Final = Domain(
    name="engagement",
    entity="customer_id",
    inputs={
        CLICKS: Click,
        LIFECYCLE: OrderStep,
        ALERTS: StockAlert,
        SIGNALS: Signal,
        RESPONSES: Response,
        PREFERENCES: Preferences,
    },
    reference={POLICIES: Policy},
    outputs=(TRIGGERS, NOTIFICATIONS, SIGNALS),
    rule=rules.decide,
    state=Customer,
    child=Promise,
    links=Links(
        touches=wishes.touches,
        touch=wishes.Touch,
        answer=bool,
        rule=wishes.decide,
        state=Wishes,
    ),
    bears_repeats=True,
)
