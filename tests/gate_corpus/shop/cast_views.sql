-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW cast_views AS
SELECT
    sku,
    price_minor,
    CAST(event_time AS TIMESTAMP(3)) AS clicked_at
FROM page_views
