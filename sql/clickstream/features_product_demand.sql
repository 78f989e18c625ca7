-- owner: pricing   grain: one row per sku and 10 s   freshness: seconds
-- Demand for a sku over 1 minute, 5 minutes and 1 hour, and its browse-to-cart ratio against the
-- sku's own baseline.
INSERT INTO features_product_demand (
    event_id, event_time, sku, window_start, window_end, views_1m, views_5m, views_1h, carts_1m,
    carts_5m, carts_1h, purchases_1m, purchases_5m, purchases_1h, browse_to_cart, baseline,
    surge_ratio, record_time
)
SELECT
    sku || '|' || DATE_FORMAT(window_end, 'yyyy-MM-dd HH:mm:ss'),
    window_end,
    sku,
    window_end - INTERVAL '10' SECOND,
    window_end,
    views_1m,
    views_5m,
    views_1h,
    carts_1m,
    carts_5m,
    carts_1h,
    purchases_1m,
    purchases_5m,
    purchases_1h,
    CASE WHEN views_5m > 0 THEN CAST(carts_5m AS DOUBLE) / views_5m ELSE 0.0E0 END,
    baseline,
    (carts_5m + ${steady_views} * baseline) / (views_5m + ${steady_views}) / baseline,
    CAST(window_end AS TIMESTAMP_LTZ(3))
FROM (
    SELECT
        d.*,
        COALESCE(b.baseline, CAST(${usual_ratio} AS DOUBLE)) AS baseline
    FROM demand AS d
    LEFT JOIN baselines FOR SYSTEM_TIME AS OF d.pane_time AS b ON d.sku = b.sku
)
