-- owner: inventory   grain: one row per step of a reservation   freshness: a second
-- What became of units that were promised.
CREATE TABLE inventory_reservations (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    reservation_id STRING NOT NULL,
    status STRING NOT NULL,
    reason STRING,
    WATERMARK FOR event_time AS event_time - ${allowed_lateness}
) WITH (
    'connector' = 'kafka',
    'topic' = 'inventory.reservations',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-inventory-reservations',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${idle_timeout},
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url}
)
