-- owner: crm   grain: one row per version of a customer   freshness: as customers change
-- state: one row per customer
-- What is known of customers besides their clicks: join it FOR SYSTEM_TIME AS OF the event's time.
-- Written by way of a buffer: an update, which comes as a deletion and a row, is then one record.
CREATE TABLE customers_profiles (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    customer_id STRING NOT NULL,
    loyalty_tier STRING,
    country STRING,
    created_at TIMESTAMP(3),
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    WATERMARK FOR event_time AS event_time,
    PRIMARY KEY (customer_id) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'customers.profiles',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-customers-profiles',
    'properties.isolation.level' = 'read_committed',
    'scan.watermark.idle-timeout' = ${reference_idle_timeout},
    'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'shopstream-customers-profiles',
    'sink.transaction-naming-strategy' = 'POOLING',
    'sink.buffer-flush.max-rows' = '1000',
    'sink.buffer-flush.interval' = '50 ms',
    'properties.transaction.timeout.ms' = ${transaction_timeout_ms},
    'key.format' = 'raw',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_customers_profiles}
)
