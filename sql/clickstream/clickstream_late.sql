-- owner: growth-analytics   grain: one row per late event   freshness: as events come
-- state: a counter per event type
-- Late events with their lateness, counted.
INSERT INTO clickstream_late (
    event_id, event_time, visitor_id, event_type, customer_id, sku, category, lateness_ms,
    late_events, record_time
)
SELECT
    event_id,
    CAST(event_time AS TIMESTAMP(3)) AS event_time,
    visitor_id,
    event_type,
    customer_id,
    sku,
    category,
    1000 * TIMESTAMPDIFF(SECOND, FLOOR(event_time TO SECOND), FLOOR(passed_at TO SECOND))
        + EXTRACT(MILLISECOND FROM passed_at)
        - EXTRACT(MILLISECOND FROM event_time) AS lateness_ms,
    COUNT(*) OVER (
        PARTITION BY event_type
        ORDER BY arrived_at
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS late_events,
    CAST(event_time AS TIMESTAMP_LTZ(3)) AS record_time
FROM late_clicks
