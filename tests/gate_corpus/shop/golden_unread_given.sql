-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW golden_unread_given AS
SELECT
    sku,
    COUNT(*) AS clicks,
    window_end
FROM TABLE(
    TUMBLE(TABLE clicks, DESCRIPTOR(event_time), INTERVAL '10' SECOND)
)
GROUP BY sku, window_start, window_end
