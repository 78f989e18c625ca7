-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW parallel_arrays AS
SELECT
    c.visitor_id,
    u.sku,
    u.price_minor
FROM clicks_arrays AS c
CROSS JOIN UNNEST(c.skus, c.prices) AS u (sku, price_minor)
