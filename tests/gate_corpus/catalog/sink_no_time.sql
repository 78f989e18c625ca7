-- owner: tests   grain: one row per thing   freshness: seconds
-- Where the corpus writes to.
CREATE TABLE sink_no_time (
    sku STRING,
    clicks BIGINT
) WITH (
    'connector' = 'kafka',
    'topic' = 'out',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'format' = 'json'
)
