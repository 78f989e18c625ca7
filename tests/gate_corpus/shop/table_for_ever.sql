-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW table_for_ever AS
SELECT
    c.sku,
    p.price_minor
FROM clicks AS c
LEFT JOIN products_unexplained FOR SYSTEM_TIME AS OF c.event_time AS p ON c.sku = p.sku
