"""The rules of a sku's price. `docs/pricing.md` tells them to their users.

Each event tells the sku something; then, and whenever something is due, its price is settled: what
demand, stock and competitors propose, what the guardrails make of it, and which promotions hold.
What was due before an event is settled first and at its own time, so that what is decided depends
on the times that events carry, and not on whether a wake-up came before an event or after it.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from udfs.contract import Outcome, View, WakeUp
from udfs.pricing.events import POLICIES, Availability, CompetitorPrice, Demand
from udfs.pricing.policy import EVERY_SKU, PricePolicy, Terms, terms_of
from udfs.pricing.promotions import Promotion
from udfs.pricing.proposal import note_demand
from udfs.pricing.settle import Output, settle
from udfs.pricing.state import Asked, Pricing, Stocked

PriceEvent = PricePolicy | Demand | Availability | CompetitorPrice | Promotion


def decide(state: Pricing | None, event: PriceEvent | WakeUp, view: View) -> Outcome:
    """Apply one event, or wake-up, to its sku."""
    if view.entity == EVERY_SKU or (state is None and isinstance(event, WakeUp)):
        return Outcome(None, [])  # the policy of "*" is reference data
    if state is None:
        state = Pricing()
    at = max(state.clock, event.event_time)
    outputs: list[Output] = []
    while state.wake_at is not None and state.wake_at < at:
        due = state.wake_at
        outputs += settle(state, _terms(state, view), view.entity, due, event.event_id)
    _LEARN[type(event)](state, event, _terms(state, view))
    outputs += settle(state, _terms(state, view), view.entity, at, event.event_id)
    return Outcome(state, outputs, state.wake_at)


def _terms(state: Pricing, view: View) -> Terms | None:
    if state.policy is None:
        return None
    return terms_of(state.policy, view.reference(POLICIES).get(EVERY_SKU))


def on_policy(state: Pricing, policy: PricePolicy, _terms: Terms | None) -> None:
    """Go by this policy from now on. Promotions of a category that it has left are forgotten."""
    state.policy = policy
    state.promotions = {
        name: promotion
        for name, promotion in state.promotions.items()
        if promotion.category in (None, policy.category)
    }


def on_demand(state: Pricing, demand: Demand, terms: Terms | None) -> None:
    """Learn how much the sku is wanted."""
    if terms is not None:
        note_demand(state, terms, demand)


def on_availability(state: Pricing, event: Availability, _terms: Terms | None) -> None:
    """Learn the units at a warehouse; a lower version than the one known says nothing."""
    known = state.stock.get(event.warehouse_id)
    if known is None or event.version > known.version:
        state.stock[event.warehouse_id] = Stocked(event.available, event.version)


def on_competitor_price(state: Pricing, event: CompetitorPrice, _terms: Terms | None) -> None:
    """Learn what a competitor asks; an older price than the one known says nothing."""
    known = state.competitors.get(event.competitor)
    if known is None or event.event_time >= known.asked_at:
        asked = Asked(event.price_minor, event.currency, event.event_time)
        state.competitors[event.competitor] = asked


def on_promotion(state: Pricing, promotion: Promotion, _terms: Terms | None) -> None:
    """Learn a promotion of the sku, or of its category; the same again changes nothing."""
    category = None if state.policy is None else state.policy.category
    if promotion.category not in (None, category):
        return  # told late to a sku that has left the category
    known = state.promotions.get(promotion.promotion_id)
    if known is None or known != msgspec.structs.replace(
        promotion, event_id=known.event_id, event_time=known.event_time
    ):
        state.promotions[promotion.promotion_id] = promotion


def on_wake_up(_state: Pricing, _wake_up: WakeUp, _terms: Terms | None) -> None:
    """Learn nothing; what was due is settled."""


_LEARN: Final[dict[type, Callable[[Pricing, Any, Terms | None], None]]] = {
    PricePolicy: on_policy,
    Demand: on_demand,
    Availability: on_availability,
    CompetitorPrice: on_competitor_price,
    Promotion: on_promotion,
    WakeUp: on_wake_up,
}
