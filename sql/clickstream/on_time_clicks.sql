-- owner: growth-analytics   grain: one row per event that came in time   freshness: as events come
-- The complement is in clickstream_late: every event is in exactly one of them.
CREATE TEMPORARY VIEW on_time_clicks AS
SELECT *
FROM clickstream_events
WHERE CURRENT_WATERMARK(event_time) IS NULL OR event_time > CURRENT_WATERMARK(event_time)
