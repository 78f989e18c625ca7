-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW join_for_ever AS
SELECT
    c.sku,
    v.price_minor
FROM clicks AS c
INNER JOIN page_views AS v ON c.visitor_id = v.visitor_id
