-- owner: shipping   grain: one row per event of a parcel   freshness: as events come
-- Where parcels are.
CREATE TABLE shipments_events (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    order_id STRING NOT NULL,
    event_type STRING NOT NULL,
    tracking_number STRING,
    carrier STRING,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'shipments.events',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-shipments-events',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url}
)
