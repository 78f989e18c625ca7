-- owner: pricing   grain: one row per sku and 10 s with clicks   freshness: seconds
-- Clicks of a sku in 10 seconds. The whole volume ends here: all longer windows add up these panes.
CREATE TEMPORARY VIEW demand_panes AS
SELECT
    sku,
    COUNT(*) FILTER (WHERE event_type = 'PAGE_VIEW') AS viewed,
    COUNT(*) FILTER (WHERE event_type = 'ADD_TO_CART') AS carted,
    COUNT(*) FILTER (WHERE event_type = 'PURCHASE') AS purchased,
    window_end AS pane_end,
    window_time AS pane_time
FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(seen_at), INTERVAL '10' SECOND))
WHERE sku IS NOT NULL AND event_type IN ('PAGE_VIEW', 'ADD_TO_CART', 'PURCHASE')
GROUP BY sku, window_start, window_end, window_time
