-- owner: fraud   grain: one row per order that turned out   freshness: a second
-- Decisions beside what the orders turned out to be.
CREATE TABLE fraud_judgements (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    order_id STRING NOT NULL,
    outcome STRING NOT NULL,
    band STRING NOT NULL,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'fraud.judgements',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-fraud-judgements',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url}
)
