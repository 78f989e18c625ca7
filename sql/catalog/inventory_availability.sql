-- owner: inventory   grain: one row per version of a stock at a warehouse   freshness: a second
-- What can be sold of a sku at a warehouse; version counts up by one.
CREATE TABLE inventory_availability (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    sku STRING NOT NULL,
    warehouse_id STRING NOT NULL,
    total BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    committed BIGINT NOT NULL,
    available BIGINT NOT NULL,
    version BIGINT NOT NULL,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'inventory.availability',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-inventory-availability',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url}
)
