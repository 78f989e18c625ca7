"""What the price should be, going by demand, stock and competitors; guardrails not regarded.

Everything that could make a price swing is damped here, before the price: surge and low stock
begin and end at different thresholds, and a competitor's price counts only once it has moved by
more than the dead band. So the proposal stands still between such moments, and the price arrives
at it exactly.

Two shops that follow each other by these rules do not race to the floor: each goes only part
w <= 0.9 of the way from its own base to the other's price, p' = base + w (other - base). That is a
contraction, whose fixed point lies between the two bases; with the same base it is the base. Nor
can a competitor that always undercuts drag the price below (1 - w) base.
"""

from typing import Final

from udfs.pricing.events import Demand
from udfs.pricing.policy import Terms
from udfs.pricing.quote import with_percent
from udfs.pricing.state import Pricing

DEMAND_STALE_MS: Final = 300_000
"""Demand is told while there is any: after 5 minutes of silence its 5-minute window is empty."""


def note_demand(state: Pricing, terms: Terms, demand: Demand) -> None:
    """Begin or end a surge; demand older than what is known says nothing."""
    if demand.window_end <= state.demand_at:
        return
    state.demand_at = demand.window_end
    if state.surging:
        state.surging = demand.surge_ratio > min(terms.surge_end_ratio, terms.surge_ratio)
    else:
        enough = demand.views_5m >= terms.surge_min_views
        state.surging = enough and demand.surge_ratio >= terms.surge_ratio


def refresh(state: Pricing, terms: Terms, at: int) -> None:
    """Bring what the proposal goes by up to `at` (epoch ms)."""
    if at >= state.demand_at + DEMAND_STALE_MS:
        state.surging = False
    _refresh_stock(state, terms)
    _refresh_competitors(state, terms, at)


def _refresh_stock(state: Pricing, terms: Terms) -> None:
    if not state.stock:
        return
    units = sum(stocked.available for stocked in state.stock.values())
    if units < terms.low_stock_units:
        state.low_stock = True
    elif units >= terms.restocked_units:
        state.low_stock = False


def _refresh_competitors(state: Pricing, terms: Terms, at: int) -> None:
    kept_ms = terms.competitor_max_age_s * 1000
    state.competitors = {
        name: asked for name, asked in state.competitors.items() if asked.asked_at + kept_ms > at
    }
    prices = [
        asked.price_minor
        for asked in state.competitors.values()
        if asked.currency == terms.currency
    ]
    if not prices:
        state.followed_minor = None
        return
    lowest, followed = min(prices), state.followed_minor
    if followed is None or abs(lowest - followed) * 100 > followed * terms.competitor_dead_band_pct:
        state.followed_minor = lowest


def propose(state: Pricing, terms: Terms) -> tuple[int, list[str]]:
    """The price that demand, stock and competitors speak for, in minor units, and the reasons."""
    price, reasons = terms.base_minor, []
    if state.followed_minor is not None:
        weight = round(terms.competitor_weight * 10_000)
        price += ((state.followed_minor - price) * weight + 5_000) // 10_000
        if price != terms.base_minor:
            reasons.append("COMPETITOR_PRICE")
    percent = 0.0
    if state.surging:
        percent += terms.surge_pct
        reasons.append("DEMAND_SURGE")
    if state.low_stock:
        percent += terms.low_stock_pct
        reasons.append("LOW_STOCK")
    return with_percent(price, percent), reasons or ["BACK_TO_BASE"]


def ends(state: Pricing, terms: Terms) -> list[int]:
    """When something that the proposal goes by will end if nothing more is heard (epoch ms)."""
    kept_ms = terms.competitor_max_age_s * 1000
    times = [asked.asked_at + kept_ms for asked in state.competitors.values()]
    if state.surging:
        times.append(state.demand_at + DEMAND_STALE_MS)
    return times
