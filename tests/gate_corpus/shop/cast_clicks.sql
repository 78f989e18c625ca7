-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW cast_clicks AS
SELECT
    sku,
    CAST(event_time AS TIMESTAMP(3)) AS clicked_at
FROM clicks
