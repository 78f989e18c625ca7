-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW unknown_table AS
SELECT
    sku,
    event_time
FROM clikcs
