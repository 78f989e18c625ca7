-- owner: growth-analytics   grain: one row per customer, category and minute   freshness: a minute
-- The last 30 days of a customer. The favourite category is the one whose interest has been
-- highest: points and name are put into one string, so that the largest of them names it.
CREATE TEMPORARY VIEW customer_days AS
SELECT
    customer_id,
    COUNT(DISTINCT DATE_FORMAT(pane_time, 'yyyy-MM-dd')) OVER last_days AS active_days_30d,
    SUM(events) OVER last_days AS events_30d,
    SUM(purchases) OVER last_days AS purchases_30d,
    MAX(purchased_at) OVER last_days AS last_purchase_at,
    MAX(
        CASE WHEN category <> '' THEN LPAD(CAST(interest_30d AS STRING), 12, '0') || category END
    ) OVER last_days AS strongest,
    COUNT(DISTINCT NULLIF(category, '')) OVER last_days AS categories_30d,
    SUM(prices_minor) OVER last_days AS prices_minor,
    SUM(priced) OVER last_days AS priced,
    pane_time
FROM customer_interests
WINDOW last_days AS (
    PARTITION BY customer_id
    ORDER BY pane_time
    RANGE BETWEEN ${history_length} PRECEDING AND CURRENT ROW
)
