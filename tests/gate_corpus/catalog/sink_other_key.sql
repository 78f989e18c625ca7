-- owner: tests   grain: one row per thing   freshness: seconds
-- Where the corpus writes to.
CREATE TABLE sink_other_key (
    sku STRING,
    clicks BIGINT,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    PRIMARY KEY (sku) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'out',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'key.format' = 'json',
    'value.format' = 'json'
)
