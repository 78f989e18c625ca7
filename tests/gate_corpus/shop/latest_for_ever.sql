-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW latest_for_ever AS
SELECT
    sku,
    event_time
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY sku ORDER BY event_time DESC) AS age
    FROM clicks
)
WHERE age = 1
