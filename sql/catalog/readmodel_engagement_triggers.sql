-- owner: platform   grain: one row per reason to write to a customer   freshness: seconds
-- The way into readmodel.engagement_log, the columns of the trigger.
CREATE TABLE readmodel_engagement_triggers (
    trigger_id STRING NOT NULL,
    customer_id STRING NOT NULL,
    template STRING NOT NULL,
    outcome STRING NOT NULL,
    reason STRING NOT NULL,
    subject STRING NOT NULL,
    skus STRING NOT NULL,
    channel STRING,
    caused_at TIMESTAMP(3) NOT NULL,
    send_at TIMESTAMP(3),
    decided_at TIMESTAMP(3) NOT NULL
) WITH (
    'connector' = 'jdbc',
    'url' = ${postgres_jdbc_url},
    'table-name' = 'readmodel_in.engagement_triggers',
    'sink.buffer-flush.interval' = ${readmodel_flush_interval},
    'sink.buffer-flush.max-rows' = ${readmodel_flush_rows}
)
