-- owner: growth-analytics   grain: one row per customer, category and minute   freshness: a minute
-- A customer's interest in a category over the last 30 days: a view is 1 point, an addition to the
-- cart 5, a purchase 10.
CREATE TEMPORARY VIEW customer_interests AS
SELECT
    *,
    SUM(interest) OVER (
        PARTITION BY customer_id, category
        ORDER BY pane_time
        RANGE BETWEEN ${history_length} PRECEDING AND CURRENT ROW
    ) AS interest_30d
FROM customer_panes
