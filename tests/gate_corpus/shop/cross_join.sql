-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW cross_join AS
SELECT
    c.sku,
    v.price_minor
FROM clicks AS c
CROSS JOIN page_views AS v
