-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
INSERT INTO sink_null_time (sku, clicks)
SELECT
    sku,
    COUNT(*) AS clicks
FROM TABLE(
    TUMBLE(TABLE clicks, DESCRIPTOR(event_time), INTERVAL '10' SECOND)
)
GROUP BY sku, window_start, window_end, window_time
