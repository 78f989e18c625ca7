-- owner: tests   grain: one row per thing   freshness: seconds
-- state: a row per sku
-- What the corpus breaks here.
INSERT INTO sink_update
SELECT
    sku,
    COUNT(*) AS clicks,
    MAX(CAST(event_time AS TIMESTAMP_LTZ(3))) AS record_time
FROM clicks
GROUP BY sku
