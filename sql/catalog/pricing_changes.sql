-- owner: pricing   grain: one row per change of a sku's price   freshness: a second
-- What a sku costs from now on, and why; number counts its changes.
CREATE TABLE pricing_changes (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    sku STRING NOT NULL,
    category STRING,
    currency STRING NOT NULL,
    old_minor BIGINT,
    new_minor BIGINT NOT NULL,
    regular_minor BIGINT NOT NULL,
    lowest_minor BIGINT NOT NULL,
    highest_minor BIGINT NOT NULL,
    reasons ARRAY<STRING NOT NULL> NOT NULL,
    limits ARRAY<STRING NOT NULL> NOT NULL,
    promotions ARRAY<STRING NOT NULL> NOT NULL,
    policy_version BIGINT NOT NULL,
    number BIGINT NOT NULL,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'pricing.changes',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-pricing-changes',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url}
)
