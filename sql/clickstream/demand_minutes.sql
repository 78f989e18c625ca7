-- owner: pricing   grain: one row per sku and 10 s   freshness: seconds
-- The panes of the last 5 minutes added up, every 10 seconds while there is one. The window is one
-- pane longer, so that the last row of a sku whose demand has ended says zero.
CREATE TEMPORARY VIEW demand_minutes AS
SELECT
    sku,
    COALESCE(SUM(viewed) FILTER (WHERE pane_end = window_end), 0) AS viewed,
    COALESCE(SUM(carted) FILTER (WHERE pane_end = window_end), 0) AS carted,
    COALESCE(SUM(purchased) FILTER (WHERE pane_end = window_end), 0) AS purchased,
    COALESCE(SUM(viewed) FILTER (WHERE pane_end > window_end - INTERVAL '1' MINUTE), 0) AS views_1m,
    COALESCE(SUM(carted) FILTER (WHERE pane_end > window_end - INTERVAL '1' MINUTE), 0) AS carts_1m,
    COALESCE(SUM(purchased) FILTER (WHERE pane_end > window_end - INTERVAL '1' MINUTE), 0)
        AS purchases_1m,
    COALESCE(SUM(viewed) FILTER (WHERE pane_end > window_end - INTERVAL '5' MINUTE), 0) AS views_5m,
    COALESCE(SUM(carted) FILTER (WHERE pane_end > window_end - INTERVAL '5' MINUTE), 0) AS carts_5m,
    COALESCE(SUM(purchased) FILTER (WHERE pane_end > window_end - INTERVAL '5' MINUTE), 0)
        AS purchases_5m,
    window_end,
    window_time AS pane_time
FROM TABLE(
    HOP(
        TABLE demand_panes,
        DESCRIPTOR(pane_time),
        INTERVAL '10' SECOND,
        INTERVAL '05:10' MINUTE TO SECOND
    )
)
GROUP BY sku, window_start, window_end, window_time
