-- owner: growth-analytics   grain: one row per late event   freshness: as events come
-- Events that came when event time had passed them, with how far; the order is that of arrival.
CREATE TEMPORARY VIEW late_clicks AS
SELECT
    *,
    CURRENT_WATERMARK(event_time) AS passed_at,
    PROCTIME() AS arrived_at
FROM clickstream_events
WHERE event_time <= CURRENT_WATERMARK(event_time)
