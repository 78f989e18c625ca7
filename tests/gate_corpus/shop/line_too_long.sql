-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW line_too_long AS
SELECT
    sku,
    event_time,
    CASE WHEN event_type = 'PAGE_VIEW' THEN 'a page was viewed by the visitor' ELSE 'something else' END AS said
FROM clicks
