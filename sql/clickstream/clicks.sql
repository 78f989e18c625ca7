-- owner: growth-analytics   grain: one row per event   freshness: seconds
-- Every event once, with what analysts count by. A repeat has the event's own time, so it falls
-- into the same pane of event time, or is late: a pane's ids are all that has to be remembered.
-- Its time for windows and joins is seen_at, the end of the pane.
CREATE TEMPORARY VIEW clicks AS
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
    FROM TABLE(TUMBLE(TABLE on_time_clicks, DESCRIPTOR(event_time), ${repeats_pane}))
)
WHERE occurrence = 1
