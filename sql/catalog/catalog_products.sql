-- owner: catalog   grain: one row per version of a product   freshness: as products change
-- state: one row per product that the shop sells
-- Every sku's name, category and list price: join it FOR SYSTEM_TIME AS OF the event's time.
-- Written by way of a buffer: an update, which comes as a deletion and a row, is then one record.
CREATE TABLE catalog_products (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    sku STRING NOT NULL,
    name STRING NOT NULL,
    category STRING NOT NULL,
    price_minor BIGINT NOT NULL,
    currency STRING NOT NULL,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    WATERMARK FOR event_time AS event_time,
    PRIMARY KEY (sku) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'catalog.products',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-catalog-products',
    'properties.isolation.level' = 'read_committed',
    'scan.watermark.idle-timeout' = ${reference_idle_timeout},
    'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'shopstream-catalog-products',
    'sink.transaction-naming-strategy' = 'POOLING',
    'sink.buffer-flush.max-rows' = '1000',
    'sink.buffer-flush.interval' = '50 ms',
    'properties.transaction.timeout.ms' = ${transaction_timeout_ms},
    'key.format' = 'raw',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_catalog_products}
)
