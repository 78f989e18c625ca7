-- owner: fraud   grain: one row per fraud rule   freshness: seconds
-- The rules by which orders are scored, those that are off included.
CREATE TABLE fraud_rules (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    rule_id STRING NOT NULL,
    kind STRING NOT NULL,
    weight DOUBLE NOT NULL,
    parameters MAP<STRING NOT NULL, DOUBLE NOT NULL> NOT NULL,
    mode STRING NOT NULL,
    version BIGINT NOT NULL,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    PRIMARY KEY (rule_id) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'fraud.rules',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'shopstream-fraud-rules',
    'sink.transaction-naming-strategy' = 'POOLING',
    'properties.transaction.timeout.ms' = ${transaction_timeout_ms},
    'key.format' = 'raw',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_fraud_rules}
)
