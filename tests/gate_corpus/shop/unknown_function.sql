-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW unknown_function AS
SELECT
    sku,
    MEDIANO(price_minor) AS price_minor
FROM clicks
