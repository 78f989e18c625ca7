-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW python_in_match AS
SELECT
    visitor_id,
    sku
FROM clicks
MATCH_RECOGNIZE (
    PARTITION BY visitor_id
    ORDER BY event_time
    MEASURES a.sku AS sku
    AFTER MATCH SKIP PAST LAST ROW
    PATTERN (a b) WITHIN INTERVAL '1' HOUR
    DEFINE a AS SHOUT(a.event_type) = 'PAGE_VIEW'
)
