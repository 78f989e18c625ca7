-- owner: fraud   grain: one row per decision, or repeat of one   freshness: sub-second
-- How honest orders look. At least once: a repeat has the same decision_id, and the first holds.
CREATE TABLE fraud_decisions (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    decision_id STRING NOT NULL,
    order_id STRING NOT NULL,
    customer_id STRING NOT NULL,
    score BIGINT NOT NULL,
    band STRING NOT NULL,
    reasons ARRAY<ROW<rule_id STRING NOT NULL, points BIGINT NOT NULL> NOT NULL> NOT NULL,
    shadow_reasons ARRAY<ROW<rule_id STRING NOT NULL, points BIGINT NOT NULL> NOT NULL> NOT NULL,
    rules_version BIGINT NOT NULL,
    decided_at TIMESTAMP(3) NOT NULL,
    log_offset BIGINT NOT NULL METADATA FROM 'offset' VIRTUAL,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'fraud.decisions',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-fraud-decisions',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_fraud_decisions}
)
