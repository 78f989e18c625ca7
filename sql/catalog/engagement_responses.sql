-- owner: engagement   grain: one row per response to a message   freshness: as customers respond
-- What customers did with messages.
CREATE TABLE engagement_responses (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    trigger_id STRING NOT NULL,
    response STRING NOT NULL,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'engagement.responses',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-engagement-responses',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url}
)
