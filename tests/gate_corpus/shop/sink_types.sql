-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
INSERT INTO sink_types
SELECT
    sku,
    event_type,
    event_time
FROM clicks
