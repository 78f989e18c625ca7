-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW top_for_ever AS
SELECT
    sku,
    price_minor
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY event_type ORDER BY price_minor DESC) AS place
    FROM clicks
)
WHERE place <= 3
