-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW match_for_ever AS
SELECT
    visitor_id,
    sku
FROM clicks
MATCH_RECOGNIZE (
    PARTITION BY visitor_id
    ORDER BY event_time
    MEASURES a.sku AS sku
    AFTER MATCH SKIP PAST LAST ROW
    PATTERN (a b)
    DEFINE a AS a.event_type = 'ADD_TO_CART'
)
