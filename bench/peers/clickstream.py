"""What the SQL of sql/clickstream computes, as steps on plain data: state and event in, row out.

Both peers run the same steps, so that only the engines differ. A step has no watermark: a key's
window closes with the key's own next event, which is less work than the SQL does.
"""

from collections import Counter
from math import exp
from typing import Any

Event = dict[str, Any]
State = dict[str, Any]

PANE_MS, HOUR_PANES = 10_000, 360
SESSION_MS = 90_000
DAY_MS, MONTH_MS = 86_400_000, 30 * 86_400_000
DEMAND = {"PAGE_VIEW": 0, "ADD_TO_CART": 1, "PURCHASE": 2}
INTEREST = {"PAGE_VIEW": 1, "ADD_TO_CART": 5, "PURCHASE": 10}
COUNTS = {
    "PAGE_VIEW": "views", "HOVER": "hovers", "ADD_TO_CART": "cart_adds",
    "REMOVE_FROM_CART": "cart_removals", "WISHLIST_ADD": "wishlist_adds", "SEARCH": "searches",
    "CHECKOUT_START": "checkout_starts", "PURCHASE": "purchases",
}  # fmt: skip
WEIGHTS = {
    "views": 0.15, "hovers": 0.05, "searches": 0.2, "wishlist_adds": 0.5, "cart_adds": 1.2,
    "cart_removals": -1.2, "checkout_starts": 2.0, "purchases": -3.0,
}  # fmt: skip
KEPT = ("event_type", "sku", "category", "query", "price_minor")
USUAL_RATIO, USUAL_VIEWS, STEADY_VIEWS = 0.08, 200, 30


def demand(state: State | None, event: Event) -> tuple[State, Event | None]:
    """Of a sku: panes of 10 s, told when the next one begins."""
    if state is None:
        state = {"pane": None, "seen": {}, "counts": [0, 0, 0], "panes": [], "day": [0, 0]}
    pane = event["event_time"] // PANE_MS
    row = None
    if state["pane"] is not None and pane > state["pane"]:
        row = _closed(state, event["sku"])
    if state["pane"] is None or pane > state["pane"]:
        state["pane"], state["seen"], state["counts"] = pane, {}, [0, 0, 0]
    kind = DEMAND.get(event["event_type"])
    if pane == state["pane"] and kind is not None and event["event_id"] not in state["seen"]:
        state["seen"][event["event_id"]] = 1
        state["counts"][kind] += 1
    return state, row


def _closed(state: State, sku: str) -> Event:
    pane, panes = state["pane"], state["panes"]
    panes.append([pane, *state["counts"]])
    while panes[0][0] <= pane - HOUR_PANES:
        del panes[0]
    state["day"][0] += state["counts"][0]
    state["day"][1] += state["counts"][1]
    end = (pane + 1) * PANE_MS
    row = {
        "event_id": f"{sku}|{end}",
        "event_time": end,
        "sku": sku,
        "window_start": end - PANE_MS,
        "window_end": end,
    }
    for suffix, length in (("1m", 6), ("5m", 30), ("1h", HOUR_PANES)):
        recent = [p for p in panes if p[0] > pane - length]
        for at, name in enumerate(("views", "carts", "purchases"), 1):
            row[f"{name}_{suffix}"] = sum(p[at] for p in recent)
    views, carts = row["views_5m"], row["carts_5m"]
    day_views, day_carts = state["day"]
    baseline = (day_carts + USUAL_RATIO * USUAL_VIEWS) / (day_views + USUAL_VIEWS)
    row["browse_to_cart"] = carts / views if views else 0.0
    row["baseline"] = baseline
    row["surge_ratio"] = (carts + STEADY_VIEWS * baseline) / (views + STEADY_VIEWS) / baseline
    return row


def session(state: State | None, event: Event) -> tuple[State, Event | None]:
    """Of a visitor: the last 90 seconds, told with every event."""
    if state is None:
        state = {"events": []}
    events, now = state["events"], event["event_time"]
    if any(event["event_id"] == each[1] for each in events):
        return state, None
    told = (event[name] for name in KEPT)
    events.append([now, event["event_id"], *told])
    while events[0][0] < now - SESSION_MS:
        del events[0]
    row: Event = dict.fromkeys(COUNTS.values(), 0)
    for each in events:
        row[COUNTS[each[2]]] += 1
    skus = [each[3] for each in events if each[3]]
    categories = [each[4] for each in events if each[4]]
    queries = [each[5] for each in events if each[5]]
    prices = [each[6] for each in events if each[6] and each[2] in ("PAGE_VIEW", "ADD_TO_CART")]
    row["distinct_skus"], row["distinct_categories"] = len(set(skus)), len(set(categories))
    points = sum(weight * row[name] for name, weight in WEIGHTS.items())
    points += 0.5 * (len(skus) - row["distinct_skus"]) / len(events)
    return state, row | {
        "event_id": f"{event['event_id']}#session",
        "event_time": now,
        "visitor_id": event["visitor_id"],
        "customer_id": event["customer_id"],
        "session_id": event["session_id"],
        "last_query": queries[-1] if queries else None,
        "last_sku": skus[-1] if skus else None,
        "last_category": categories[-1] if categories else None,
        "price_minor": sum(prices) / len(prices) if prices else None,
        "intent_strength": 1 - exp(-max(0.0, points)),
        "valid_until": now + SESSION_MS,
    }


def customer(state: State | None, event: Event) -> tuple[State, Event | None]:
    """Of a customer: the session over the last 30 days, kept in panes of a minute."""
    if state is None:
        state = {"session": None, "panes": []}
    state["session"], row = session(state["session"], event)
    if row is None:
        return state, None
    panes, now = state["panes"], event["event_time"]
    while panes and panes[0][0] < (now - MONTH_MS) // 60_000:
        del panes[0]
    minute, kind = now // 60_000, event["event_type"]
    past = [pane for pane in panes if pane[0] < minute]
    interest: Counter[str] = Counter()
    for pane in past:
        interest[pane[1]] += pane[3]
    interest.pop("", None)
    prices, priced = sum(pane[5] for pane in past), sum(pane[6] for pane in past)
    bought = [pane[7] for pane in past if pane[7]]
    favourite = max(interest, key=interest.__getitem__) if interest else None
    price_30d = prices / priced if priced else None
    strong = row["intent_strength"] >= 0.6
    category = row["last_category"], favourite
    price = row["price_minor"], price_30d
    chosen = category if strong else category[::-1]
    told = price if strong else price[::-1]
    at = next((value for value in told if value is not None), None)
    if kind in INTEREST:
        _remember(panes, minute, event)
    return state, {
        "event_id": f"{event['event_id']}#customer",
        "event_time": now,
        "customer_id": event["customer_id"],
        "visitor_id": event["visitor_id"],
        "active_days_30d": len({pane[0] * 60_000 // DAY_MS for pane in past}),
        "events_30d": sum(pane[2] for pane in past),
        "purchases_30d": sum(pane[4] for pane in past),
        "last_purchase_at": max(bought, default=None),
        "favourite_category_30d": favourite,
        "categories_30d": len(interest),
        "price_minor_30d": price_30d,
        "price_band_30d": _band(price_30d),
        "intent_strength": row["intent_strength"],
        "layer": "SESSION" if strong else "LONG_TERM",
        "category": chosen[0] or chosen[1],
        "price_minor": at,
        "price_band": _band(at),
        "last_query": row["last_query"],
        "valid_until": row["valid_until"],
    }


def _remember(panes: list[list[Any]], minute: int, event: Event) -> None:
    category, kind = event["category"] or "", event["event_type"]
    pane = next((p for p in reversed(panes) if p[0] == minute and p[1] == category), None)
    if pane is None:
        pane = [minute, category, 0, 0, 0, 0, 0, None]
        panes.append(pane)
    pane[2] += 1
    pane[3] += INTEREST[kind]
    if kind == "PURCHASE":
        pane[4], pane[7] = pane[4] + 1, event["event_time"]
    if event["price_minor"] is not None:
        pane[5], pane[6] = pane[5] + event["price_minor"], pane[6] + 1


def _band(price_minor: float | None) -> str | None:
    if price_minor is None:
        return None
    return "BUDGET" if price_minor < 2000 else "MIDDLE" if price_minor < 8000 else "PREMIUM"
