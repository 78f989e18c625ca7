-- owner: tests   grain: one row per thing   freshness: seconds
-- The latest of every product.
CREATE TABLE products_unexplained (
    sku STRING NOT NULL,
    price_minor BIGINT,
    event_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    WATERMARK FOR event_time AS event_time,
    PRIMARY KEY (sku) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'catalog.products',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.isolation.level' = 'read_committed',
    'scan.watermark.idle-timeout' = '5 s',
    'key.format' = 'json',
    'value.format' = 'json'
)
