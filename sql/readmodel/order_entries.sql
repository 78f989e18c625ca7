-- owner: platform   grain: one row per thing that happened to an order   freshness: seconds
-- Steps and refusals of an order, and waits that took too long.
CREATE TEMPORARY VIEW order_entries AS
SELECT
    order_id,
    event_id AS entry_id,
    CAST(event_time AS TIMESTAMP(3)) AS happened_at,
    'STEP' AS kind,
    cause AS what,
    to_state AS state,
    explanation,
    sequence
FROM orders_lifecycle
UNION ALL
SELECT
    order_id,
    event_id AS entry_id,
    CAST(event_time AS TIMESTAMP(3)) AS happened_at,
    'DELAY' AS kind,
    waiting_for AS what,
    state,
    'Has waited ' || CAST(waited_ms / 1000 AS STRING) || ' s for ' || waiting_for AS explanation,
    CAST(NULL AS BIGINT) AS sequence
FROM orders_delays
