-- owner: growth-analytics   grain: one row per event of a cart   freshness: seconds
-- What fills, empties or settles a cart.
CREATE TEMPORARY VIEW cart_clicks AS
SELECT
    visitor_id || '|' || COALESCE(category, '(unknown)') AS cart_id,
    COALESCE(category, '(unknown)') AS category,
    event_type,
    COALESCE(quantity, 1) AS units,
    seen_at
FROM categorised_clicks
WHERE event_type IN ('ADD_TO_CART', 'REMOVE_FROM_CART', 'PURCHASE')
