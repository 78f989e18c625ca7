-- owner: orders   grain: one row per wait that took too long   freshness: seconds
-- Orders that have waited longer than the limit.
CREATE TABLE orders_delays (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    order_id STRING NOT NULL,
    state STRING NOT NULL,
    waiting_for STRING NOT NULL,
    waited_ms BIGINT NOT NULL,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'orders.delays',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-orders-delays',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url}
)
