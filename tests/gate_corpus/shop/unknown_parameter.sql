-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW unknown_parameter AS
SELECT sku
FROM clicks
WHERE price_minor > ${cheap_belou}
