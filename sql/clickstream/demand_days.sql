-- owner: pricing   grain: one row per sku and 10 minutes   freshness: 10 minutes
-- Views and additions to the cart of the last 24 hours: what is usual for the sku.
CREATE TEMPORARY VIEW demand_days AS
SELECT
    sku,
    SUM(viewed) AS views_24h,
    SUM(carted) AS carts_24h,
    window_time AS told_at
FROM TABLE(
    HOP(TABLE demand_panes, DESCRIPTOR(pane_time), ${baseline_every}, ${baseline_length})
)
GROUP BY sku, window_start, window_end, window_time
