-- owner: growth-analytics   grain: one row per visitor and event   freshness: sub-second
-- The visitor's last 90 seconds, as of each event: what intent is made of.
CREATE TEMPORARY VIEW session_counts AS
SELECT
    event_id,
    clicked_at,
    seen_at,
    visitor_id,
    customer_id,
    session_id,
    COUNT(*) OVER recent AS events,
    SUM(CASE WHEN event_type = 'PAGE_VIEW' THEN 1 ELSE 0 END) OVER recent AS page_views,
    SUM(CASE WHEN event_type = 'HOVER' THEN 1 ELSE 0 END) OVER recent AS hovers,
    SUM(CASE WHEN event_type = 'ADD_TO_CART' THEN 1 ELSE 0 END) OVER recent AS cart_adds,
    SUM(CASE WHEN event_type = 'REMOVE_FROM_CART' THEN 1 ELSE 0 END) OVER recent AS cart_removals,
    SUM(CASE WHEN event_type = 'WISHLIST_ADD' THEN 1 ELSE 0 END) OVER recent AS wishlist_adds,
    SUM(CASE WHEN event_type = 'SEARCH' THEN 1 ELSE 0 END) OVER recent AS searches,
    SUM(CASE WHEN event_type = 'CHECKOUT_START' THEN 1 ELSE 0 END) OVER recent AS checkout_starts,
    SUM(CASE WHEN event_type = 'PURCHASE' THEN 1 ELSE 0 END) OVER recent AS purchases,
    COUNT(sku) OVER recent AS sku_events,
    COUNT(DISTINCT sku) OVER recent AS distinct_skus,
    COUNT(DISTINCT category) OVER recent AS distinct_categories,
    LAST_VALUE(query) OVER recent AS last_query,
    LAST_VALUE(sku) OVER recent AS last_sku,
    LAST_VALUE(category) OVER recent AS last_category,
    AVG(
        CASE WHEN event_type IN ('PAGE_VIEW', 'ADD_TO_CART') THEN CAST(price_minor AS DOUBLE) END
    ) OVER recent AS price_minor
FROM live_clicks
WINDOW recent AS (
    PARTITION BY visitor_id
    ORDER BY seen_at
    RANGE BETWEEN ${session_length} PRECEDING AND CURRENT ROW
)
