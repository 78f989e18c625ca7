-- owner: platform   grain: one row per thing that a KPI counts   freshness: seconds
-- A KPI of a minute is the share of its different ids, by their own time, that count:
-- INVENTORY_ACCURACY  promises of units kept, of those kept or broken in the minute
-- FRAUD_CATCH_RATE    frauds that were not simply approved, of those that turned out in the minute
-- CART_RECOVERY       messages about a cart, sent in the minute, whose customer bought within a day
-- CONVERSION          visitors who bought something, of those who did anything in the minute
CREATE TEMPORARY VIEW kpi_facts AS
SELECT
    'INVENTORY_ACCURACY' AS kpi,
    minute_start,
    promise AS id,
    kept AS counts
FROM promises
UNION ALL
SELECT
    'FRAUD_CATCH_RATE' AS kpi,
    CAST(FLOOR(event_time TO MINUTE) AS TIMESTAMP(3)) AS minute_start,
    order_id AS id,
    band <> 'APPROVE' AS counts
FROM fraud_judgements
WHERE outcome = 'FRAUD'
UNION ALL
SELECT
    'CART_RECOVERY' AS kpi,
    CAST(FLOOR(event_time TO MINUTE) AS TIMESTAMP(3)) AS minute_start,
    trigger_id AS id,
    FALSE AS counts
FROM cart_messages
UNION ALL
SELECT
    'CART_RECOVERY' AS kpi,
    minute_start,
    trigger_id AS id,
    TRUE AS counts
FROM recovered_carts
UNION ALL
SELECT
    'CONVERSION' AS kpi,
    CAST(FLOOR(event_time TO MINUTE) AS TIMESTAMP(3)) AS minute_start,
    visitor_id AS id,
    event_type = 'PURCHASE' AS counts
FROM clickstream_events
