"""What pricing, clickstream and engagement would write, of which the shop has no job running."""

from support.live_topics import Sender

from connectors.clock import now_ms
from connectors.registry import Registry


def send_what_other_jobs_write(registry: Registry) -> None:
    """Prices, features and messages, with repeats and stale records among them."""
    with Sender(registry) as sender:
        _send(sender, now_ms())


def _send(sender: Sender, now: int) -> None:
    for number in (1, 2, 3, 2):
        sender.send("pricing.changes", price(number, now + number))
    for views, at in ((1, now), (3, now + 2), (2, now + 1), (4, now + 2)):
        sender.send("features.product-demand", demand(views, at))
    sender.send("features.session", session(now))
    sender.send("features.customer", customer(now))
    for response, at in (("OPENED", now + 1), ("CLICKED", now + 3), ("DISMISSED", now + 2)):
        sender.send("engagement.responses", answer(response, at))
    sender.send("engagement.triggers", trigger(now), trigger(now))
    bought = {"visitor_id": "v", "customer_id": "ann", "event_type": "PURCHASE", "sku": "mug"}
    sender.send("clickstream.events", {"event_id": "bought", "event_time": now + 5, **bought})


def price(number: int, at: int) -> dict[str, object]:
    figures = {"old_minor": None, "new_minor": 1000 + number, "regular_minor": 1000}
    bounds = {"lowest_minor": 800, "highest_minor": 1500, "policy_version": 1, "number": number}
    lists = {"reasons": ["DEMAND_SURGE"], "limits": [], "promotions": ["sale"]}
    named = {"event_id": f"p{number}", "event_time": at, "change_id": f"mug/{number}", "cause": "c"}
    return {
        **named,
        "sku": "mug",
        "category": None,
        "currency": "EUR",
        **figures,
        **bounds,
        **lists,
    }


def demand(views: int, at: int) -> dict[str, object]:
    counts = ("views_5m", "views_1h", "carts_1m", "carts_5m", "carts_1h", "purchases_1m")
    counts = (*counts, "purchases_5m", "purchases_1h")
    ratios = {"browse_to_cart": 1 / 3, "baseline": 0.08, "surge_ratio": 1.5}
    window = {"window_start": at - 10_000, "window_end": at}
    named = {"event_id": f"d{views}", "event_time": at, "sku": "mug", "views_1m": views}
    return {**named, **window, **dict.fromkeys(counts, 7), **ratios}


def session(at: int) -> dict[str, object]:
    counts = ("views", "hovers", "cart_adds", "cart_removals", "wishlist_adds", "searches")
    counts = (*counts, "checkout_starts", "purchases", "distinct_skus", "distinct_categories")
    words = {"last_query": "tall mug", "last_sku": "mug", "last_category": None}
    named = {"event_id": "s", "event_time": at, "visitor_id": "v", "customer_id": "ann"}
    rest = {"session_id": None, "price_minor": 1000 / 3, "intent_strength": 1e-5}
    return {**named, **dict.fromkeys(counts, 1), **words, **rest, "valid_until": at + 90_000}


def customer(at: int) -> dict[str, object]:
    counts = ("active_days_30d", "events_30d", "purchases_30d", "categories_30d")
    absent = ("loyalty_tier", "country", "favourite_category_30d", "price_minor_30d")
    absent = (*absent, "price_band_30d", "category", "price_minor", "price_band", "last_query")
    named = {"event_id": "c", "event_time": at, "customer_id": "ann", "visitor_id": "v"}
    rest = {"last_purchase_at": at - 1, "intent_strength": 0.5, "layer": "LONG_TERM"}
    counted = {**dict.fromkeys(counts, 2), **dict.fromkeys(absent)}
    return {**named, **counted, **rest, "valid_until": at + 90_000}


def trigger(at: int) -> dict[str, object]:
    named = {"event_id": "t1", "trigger_id": "t1", "event_time": at, "customer_id": "ann"}
    what = {"template": "CART_ABANDONMENT", "outcome": "SENT", "reason": "CART_LEFT"}
    times = {"caused_at": at - 60_000, "due_at": at, "latest_at": at + 60_000, "send_at": at}
    rest = {"subject": "", "skus": ["mug"], "cause_id": "k", "local_hour": 9, "channel": "EMAIL"}
    return {**named, **what, **times, **rest, "policy_version": 1, "limits_version": 1}


def answer(response: str, at: int) -> dict[str, object]:
    named = {"event_id": f"r-{response}", "event_time": at, "customer_id": "ann"}
    about = {"trigger_id": "t1", "template": "CART_ABANDONMENT", "channel": "EMAIL", "sent_at": at}
    return {**named, **about, "response": response}
