-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW group_for_ever AS
SELECT
    sku,
    COUNT(*) AS clicks
FROM clicks
GROUP BY sku
