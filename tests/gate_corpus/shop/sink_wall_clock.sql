-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
INSERT INTO sink_wall_clock
SELECT
    sku,
    COUNT(*) AS clicks,
    CURRENT_TIMESTAMP AS record_time
FROM TABLE(
    TUMBLE(TABLE clicks, DESCRIPTOR(event_time), INTERVAL '10' SECOND)
)
GROUP BY sku, window_start, window_end, window_time
