-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW unversioned_table AS
SELECT
    c.sku,
    v.price_minor
FROM clicks AS c
LEFT JOIN page_views FOR SYSTEM_TIME AS OF c.event_time AS v ON c.sku = v.sku
