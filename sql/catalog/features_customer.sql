-- owner: growth-analytics   grain: one row per customer and event   freshness: seconds
-- What to rank by for a customer: the session where intent is strong, else the last 30 days.
-- At least once: a repeat has the same event_id, and the latest row of a customer is what counts.
CREATE TABLE features_customer (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    customer_id STRING NOT NULL,
    visitor_id STRING NOT NULL,
    loyalty_tier STRING,
    country STRING,
    active_days_30d BIGINT NOT NULL,
    events_30d BIGINT NOT NULL,
    purchases_30d BIGINT NOT NULL,
    last_purchase_at TIMESTAMP(3),
    favourite_category_30d STRING,
    categories_30d BIGINT NOT NULL,
    price_minor_30d DOUBLE,
    price_band_30d STRING,
    intent_strength DOUBLE NOT NULL,
    layer STRING NOT NULL,
    category STRING,
    price_minor DOUBLE,
    price_band STRING,
    last_query STRING,
    valid_until TIMESTAMP(3) NOT NULL,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
    log_offset BIGINT NOT NULL METADATA FROM 'offset' VIRTUAL,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'features.customer',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-features-customer',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'sink.delivery-guarantee' = 'at-least-once',
    'properties.linger.ms' = '0',
    'key.format' = 'raw',
    'key.fields' = 'customer_id',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_features_customer}
)
