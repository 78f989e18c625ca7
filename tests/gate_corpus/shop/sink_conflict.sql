-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
INSERT INTO sink_conflict
SELECT /*+ STATE_TTL('clicks' = '1 d') */
    sku,
    COUNT(*) AS clicks,
    MAX(CAST(event_time AS TIMESTAMP_LTZ(3))) AS record_time
FROM clicks
GROUP BY sku, visitor_id
ON CONFLICT DO DEDUPLICATE
