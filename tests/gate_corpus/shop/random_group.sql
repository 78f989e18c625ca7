-- owner: tests   grain: one row per thing   freshness: seconds
-- state: as many as products
-- What the corpus breaks here.
CREATE TEMPORARY VIEW random_group AS
SELECT
    shade,
    COUNT(*) AS products
FROM (SELECT sku || UUID() AS shade FROM products)
GROUP BY shade
