-- owner: inventory   grain: one row per sku's stock policy   freshness: seconds
-- How each sku's stock is looked after, and "*" for those that have no policy of their own.
-- Written by way of a buffer: an update, which comes as a deletion and a row, is then one record.
CREATE TABLE inventory_policies (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    sku STRING NOT NULL,
    reorder_point BIGINT NOT NULL,
    reorder_quantity BIGINT NOT NULL,
    reservation_timeout_s BIGINT NOT NULL,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    PRIMARY KEY (sku) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'inventory.policies',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'shopstream-inventory-policies',
    'sink.transaction-naming-strategy' = 'POOLING',
    'sink.buffer-flush.max-rows' = '1000',
    'sink.buffer-flush.interval' = '50 ms',
    'properties.transaction.timeout.ms' = ${transaction_timeout_ms},
    'key.format' = 'raw',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_inventory_policies}
)
