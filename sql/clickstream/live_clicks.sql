-- owner: growth-analytics   grain: one row per event   freshness: sub-second
-- As clicks, but hardly waiting for stragglers, which are missing here.
CREATE TEMPORARY VIEW live_clicks AS
SELECT
    event_id,
    CAST(event_time AS TIMESTAMP(3)) AS clicked_at,
    visitor_id,
    customer_id,
    session_id,
    event_type,
    sku,
    category,
    query,
    price_minor,
    quantity,
    window_time AS seen_at
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY window_start, window_end, event_id ORDER BY event_time ASC
        ) AS occurrence
    FROM TABLE(TUMBLE(TABLE clickstream_events_live, DESCRIPTOR(event_time), ${live_repeats_pane}))
)
WHERE occurrence = 1
