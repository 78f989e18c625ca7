-- owner: orders   grain: one row per step of an order, or refusal of one   freshness: a second
-- Where orders stand; sequence counts an order's steps from 1.
CREATE TABLE orders_lifecycle (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    order_id STRING NOT NULL,
    customer_id STRING NOT NULL,
    from_state STRING NOT NULL,
    to_state STRING NOT NULL,
    cause STRING NOT NULL,
    explanation STRING NOT NULL,
    sequence BIGINT NOT NULL,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'orders.lifecycle',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-orders-lifecycle',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url}
)
