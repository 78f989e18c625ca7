-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW joined_on_lost_time AS
SELECT
    c.sku,
    v.price_minor
FROM cast_clicks AS c
INNER JOIN cast_views AS v
    ON
        c.sku = v.sku
        AND c.clicked_at BETWEEN v.clicked_at - INTERVAL '1' MINUTE AND v.clicked_at
