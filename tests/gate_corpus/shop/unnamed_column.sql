-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW unnamed_column AS
SELECT
    sku,
    price_minor * 2
FROM clicks
