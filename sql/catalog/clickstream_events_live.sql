-- owner: growth-analytics   grain: one row per event   freshness: as events come
-- valid: event_type IN ('PAGE_VIEW', 'HOVER', 'ADD_TO_CART', 'REMOVE_FROM_CART', 'WISHLIST_ADD',
--   'SEARCH', 'CHECKOUT_START', 'PURCHASE')
-- valid: quantity > 0
-- valid: price_minor >= 0
-- valid: event_id <> '' AND visitor_id <> ''
-- valid: record_bytes <= 100000
-- The same topic in event time that hardly waits: for what a page reads while the visitor is on it.
-- A straggler that this misses is still counted by what reads clickstream_events.
CREATE TABLE clickstream_events_live (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    visitor_id STRING NOT NULL,
    customer_id STRING,
    session_id STRING,
    event_type STRING NOT NULL,
    sku STRING,
    category STRING,
    query STRING,
    price_minor BIGINT,
    quantity BIGINT,
    device_id STRING,
    currency STRING,
    WATERMARK FOR event_time AS event_time - ${live_delay}
) WITH (
    'connector' = 'kafka',
    'topic' = 'clickstream.events',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-clickstream-events-live',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url}
)
