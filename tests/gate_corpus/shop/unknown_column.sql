-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW unknown_column AS
SELECT
    sku,
    event_time,
    pric_minor
FROM clicks
