-- owner: pricing   grain: one row per promotion   freshness: seconds
-- Reductions of skus and categories, those withdrawn included.
CREATE TABLE pricing_promotions (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    promotion_id STRING NOT NULL,
    sku STRING,
    category STRING,
    `percent` DOUBLE,
    amount_minor BIGINT,
    currency STRING,
    starts_at TIMESTAMP(3) NOT NULL,
    ends_at TIMESTAMP(3) NOT NULL,
    loyalty_tier STRING,
    stackable BOOLEAN NOT NULL,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    PRIMARY KEY (promotion_id) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'pricing.promotions',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'shopstream-pricing-promotions',
    'sink.transaction-naming-strategy' = 'POOLING',
    'properties.transaction.timeout.ms' = ${transaction_timeout_ms},
    'key.format' = 'raw',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_pricing_promotions}
)
