-- owner: pricing   grain: one row per sku and 10 s   freshness: seconds
-- The same with the last hour: this pane and the 359 before it.
CREATE TEMPORARY VIEW demand AS
SELECT
    sku,
    views_1m,
    views_5m,
    SUM(viewed) OVER last_hour AS views_1h,
    carts_1m,
    carts_5m,
    SUM(carted) OVER last_hour AS carts_1h,
    purchases_1m,
    purchases_5m,
    SUM(purchased) OVER last_hour AS purchases_1h,
    window_end,
    pane_time
FROM demand_minutes
WINDOW last_hour AS (
    PARTITION BY sku
    ORDER BY pane_time
    RANGE BETWEEN INTERVAL '59:50' MINUTE TO SECOND PRECEDING AND CURRENT ROW
)
