-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW not_grouped AS
SELECT
    sku,
    event_type,
    COUNT(*) AS clicks
FROM clicks
GROUP BY sku
