-- owner: engagement   grain: one row per reason to write to a customer   freshness: a second
-- What became of each reason to write to somebody; once for a trigger_id.
CREATE TABLE engagement_triggers (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    customer_id STRING NOT NULL,
    trigger_id STRING NOT NULL,
    template STRING NOT NULL,
    outcome STRING NOT NULL,
    reason STRING NOT NULL,
    subject STRING NOT NULL,
    skus ARRAY<STRING NOT NULL> NOT NULL,
    caused_at TIMESTAMP(3) NOT NULL,
    send_at TIMESTAMP(3),
    channel STRING,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'engagement.triggers',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-engagement-triggers',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url}
)
