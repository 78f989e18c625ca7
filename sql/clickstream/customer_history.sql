-- owner: growth-analytics   grain: one row per customer, versioned by told_at   freshness: a minute
-- state: the latest row per customer
-- Categories, price band, frequency and recency of the last 30 days.
CREATE TEMPORARY VIEW customer_history AS
SELECT
    customer_id,
    active_days_30d,
    events_30d,
    purchases_30d,
    last_purchase_at,
    SUBSTRING(strongest FROM 13) AS favourite_category_30d,
    categories_30d,
    CASE WHEN priced > 0 THEN CAST(prices_minor AS DOUBLE) / priced END AS price_minor_30d,
    pane_time AS told_at
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY pane_time DESC) AS age
    FROM customer_days
)
WHERE age = 1
