-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
INSERT INTO sink_columns
SELECT
    sku,
    event_time
FROM clicks
