-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW over_for_ever AS
SELECT
    sku,
    COUNT(*) OVER (PARTITION BY sku ORDER BY event_time) AS clicks
FROM clicks
