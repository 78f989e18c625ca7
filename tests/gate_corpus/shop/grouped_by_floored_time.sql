-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW grouped_by_floored_time AS
SELECT
    sku,
    FLOOR(event_time TO MINUTE) AS minute_start,
    COUNT(*) AS clicks
FROM clicks
GROUP BY sku, FLOOR(event_time TO MINUTE)
