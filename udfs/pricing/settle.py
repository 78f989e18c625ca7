"""Settling a sku's price at a moment: at most one change, and with it one invalidation."""

from typing import Any, Final

from udfs.pricing.events import CHANGES, INVALIDATIONS
from udfs.pricing.guardrails import bounded, dispose
from udfs.pricing.policy import Terms
from udfs.pricing.proposal import ends, propose, refresh
from udfs.pricing.quote import PricedSku, quote
from udfs.pricing.state import Pricing

Output = tuple[str, dict[str, Any]]

FIRST_PRICE: Final = "FIRST_PRICE"
POLICY_CHANGED: Final = "POLICY_CHANGED"


def settle(state: Pricing, terms: Terms | None, sku: str, at: int, cause: str) -> list[Output]:
    """Bring price and promotions up to `at` (epoch ms, not before the state's clock).

    cause: event_id of what led to it. Sets the state's next wake-up, which is after `at`: each
    settling either leaves nothing to do or sets a time at which it can be done.
    """
    state.clock = at
    state.promotions = {
        name: promotion for name, promotion in state.promotions.items() if promotion.ends_at > at
    }
    if terms is None:
        state.wake_at = None
        return []
    refresh(state, terms, at)
    old_minor: int | None = state.public_minor
    if not state.regular_minor or state.currency != terms.currency:
        old_minor = None
    reasons, limits, again_at = _reprice(state, terms, at)
    reasons += _promotions_since(state, at)
    new_minor = quote(_priced(state, terms, sku), None, None, at).price_minor
    told = (terms.lowest_minor, terms.ceiling_minor, terms.category)
    if not reasons and (new_minor != old_minor or told != state.told):
        reasons.append(POLICY_CHANGED)
    state.public_minor, state.told = new_minor, told
    state.wake_at = _next(state, terms, at, again_at)
    if not reasons:
        return []
    state.number += 1
    change_id = f"{sku}/{state.number}"
    change = {
        "event_time": at,
        "change_id": change_id,
        "sku": sku,
        "category": terms.category,
        "currency": terms.currency,
        "old_minor": old_minor,
        "new_minor": new_minor,
        "regular_minor": state.regular_minor,
        "lowest_minor": terms.lowest_minor,
        "highest_minor": terms.ceiling_minor,
        "reasons": reasons,
        "limits": limits,
        "promotions": sorted(state.active),
        "policy_version": terms.version,
        "number": state.number,
        "cause": cause,
    }
    invalidation = {"event_time": at, "sku": sku, "change_id": change_id}
    return [(CHANGES, change), (INVALIDATIONS, invalidation)]


def _reprice(state: Pricing, terms: Terms, at: int) -> tuple[list[str], list[str], int | None]:
    """Move the regular price; why, what limits it, and when it may move again."""
    if not state.regular_minor or state.currency != terms.currency:
        state.regular_minor, limits = bounded(terms, terms.base_minor)
        state.currency, state.changed_at = terms.currency, at
        return [FIRST_PRICE], list(limits), at + terms.cooldown_s * 1000
    before = state.regular_minor
    proposed, reasons = propose(state, terms)
    disposed = dispose(terms, before, state.changed_at, proposed, at)
    if disposed.price_minor == before:
        return [], [], disposed.again_at
    if bounded(terms, before)[0] != before:
        reasons = [POLICY_CHANGED]
    state.regular_minor, state.changed_at = disposed.price_minor, at
    return reasons, list(disposed.limits), disposed.again_at


def _promotions_since(state: Pricing, at: int) -> list[str]:
    """What happened to the promotions that hold since they were last told."""
    before = state.active
    state.active = {
        name: promotion.event_id
        for name, promotion in state.promotions.items()
        if promotion.holds(at)
    }
    reasons = []
    if state.active.keys() - before.keys():
        reasons.append("PROMOTION_STARTED")
    if before.keys() - state.active.keys():
        reasons.append("PROMOTION_ENDED")
    if any(before.get(name, told) != told for name, told in state.active.items()):
        reasons.append("PROMOTION_CHANGED")
    return reasons


def _priced(state: Pricing, terms: Terms, sku: str) -> PricedSku:
    return PricedSku(
        sku,
        terms.category,
        terms.currency,
        state.regular_minor,
        terms.lowest_minor,
        terms.ceiling_minor,
        tuple(state.promotions.values()),
    )


def _next(state: Pricing, terms: Terms, at: int, again_at: int | None) -> int | None:
    """The next moment (epoch ms) at which something is due by itself."""
    times = ends(state, terms)
    if again_at is not None:
        times.append(again_at)
    for promotion in state.promotions.values():
        if promotion.ends_at > promotion.starts_at:
            times.append(promotion.starts_at if promotion.starts_at > at else promotion.ends_at)
    return min(times, default=None)
