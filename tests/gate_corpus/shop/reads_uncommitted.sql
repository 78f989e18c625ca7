-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW reads_uncommitted AS
SELECT
    sku,
    price_minor
FROM clicks_uncommitted
