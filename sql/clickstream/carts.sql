-- owner: growth-analytics   grain: one row per cart that has ended   freshness: when it has ended
-- What a visitor has of a category is a cart; it ends when it was not touched for 30 minutes.
CREATE TEMPORARY VIEW carts AS
SELECT
    cart_id,
    MAX(category) AS category,
    COALESCE(SUM(units) FILTER (WHERE event_type = 'ADD_TO_CART'), 0) AS units_added,
    COALESCE(SUM(units) FILTER (WHERE event_type = 'REMOVE_FROM_CART'), 0) AS units_removed,
    COUNT(*) FILTER (WHERE event_type = 'PURCHASE') AS purchases,
    window_time AS ended_at
FROM TABLE(
    SESSION(
        TABLE cart_clicks PARTITION BY cart_id, DESCRIPTOR(seen_at), ${abandoned_after}
    )
)
GROUP BY cart_id, window_start, window_end, window_time
