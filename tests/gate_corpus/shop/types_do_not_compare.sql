-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW types_do_not_compare AS
SELECT sku
FROM clicks
WHERE
    price_minor > 0
    AND event_time > price_minor
