-- owner: growth-analytics   grain: one row per visitor and event   freshness: sub-second
-- The visitor's last 90 seconds: what the page ranks by while intent is warm.
INSERT INTO features_session (
    event_id, event_time, visitor_id, customer_id, session_id, `views`, hovers, cart_adds,
    cart_removals, wishlist_adds, searches, checkout_starts, purchases, distinct_skus,
    distinct_categories, last_query, last_sku, last_category, price_minor, intent_strength,
    valid_until, record_time
)
SELECT
    event_id || '#session',
    clicked_at,
    visitor_id,
    customer_id,
    session_id,
    page_views,
    hovers,
    cart_adds,
    cart_removals,
    wishlist_adds,
    searches,
    checkout_starts,
    purchases,
    distinct_skus,
    distinct_categories,
    last_query,
    last_sku,
    last_category,
    price_minor,
    intent_strength,
    valid_until,
    CAST(clicked_at AS TIMESTAMP_LTZ(3))
FROM sessions
