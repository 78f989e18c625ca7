-- owner: pricing   grain: one row per sku and 10 s   freshness: seconds
-- Demand for a sku, from its first click until nothing has come for 5 minutes. Pricing reads
-- this, so it is exactly once.
CREATE TABLE features_product_demand (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    sku STRING NOT NULL,
    window_start TIMESTAMP(3) NOT NULL,
    window_end TIMESTAMP(3) NOT NULL,
    views_1m BIGINT NOT NULL,
    views_5m BIGINT NOT NULL,
    views_1h BIGINT NOT NULL,
    carts_1m BIGINT NOT NULL,
    carts_5m BIGINT NOT NULL,
    carts_1h BIGINT NOT NULL,
    purchases_1m BIGINT NOT NULL,
    purchases_5m BIGINT NOT NULL,
    purchases_1h BIGINT NOT NULL,
    browse_to_cart DOUBLE NOT NULL,
    baseline DOUBLE NOT NULL,
    surge_ratio DOUBLE NOT NULL,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    log_offset BIGINT NOT NULL METADATA FROM 'offset' VIRTUAL,
    WATERMARK FOR event_time AS event_time - INTERVAL '1' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'features.product-demand',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'properties.group.id' = 'shopstream-features-product-demand',
    'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'shopstream-features-product-demand',
    'sink.transaction-naming-strategy' = 'POOLING',
    'properties.transaction.timeout.ms' = ${transaction_timeout_ms},
    'key.format' = 'raw',
    'key.fields' = 'sku',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_features_product_demand}
)
