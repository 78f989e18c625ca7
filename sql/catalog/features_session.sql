-- owner: growth-analytics   grain: one row per visitor and event   freshness: sub-second
-- What the page ranks by while intent is warm; the latest row of a visitor holds until valid_until.
-- At least once, not in transactions, which would make every row wait for a checkpoint: a repeat
-- has the same event_id, and the latest row of a visitor is what counts.
CREATE TABLE features_session (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    visitor_id STRING NOT NULL,
    customer_id STRING,
    session_id STRING,
    `views` BIGINT NOT NULL,
    hovers BIGINT NOT NULL,
    cart_adds BIGINT NOT NULL,
    cart_removals BIGINT NOT NULL,
    wishlist_adds BIGINT NOT NULL,
    searches BIGINT NOT NULL,
    checkout_starts BIGINT NOT NULL,
    purchases BIGINT NOT NULL,
    distinct_skus BIGINT NOT NULL,
    distinct_categories BIGINT NOT NULL,
    last_query STRING,
    last_sku STRING,
    last_category STRING,
    price_minor DOUBLE,
    intent_strength DOUBLE NOT NULL,
    valid_until TIMESTAMP(3) NOT NULL,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    log_offset BIGINT NOT NULL METADATA FROM 'offset' VIRTUAL,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'features.session',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-features-session',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'sink.delivery-guarantee' = 'at-least-once',
    'properties.linger.ms' = '0',
    'key.format' = 'raw',
    'key.fields' = 'visitor_id',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_features_session}
)
