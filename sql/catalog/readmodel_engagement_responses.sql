-- owner: platform   grain: one row per response to a message   freshness: seconds
-- The way into readmodel.engagement_log, the columns of the response: Postgres keeps the latest.
CREATE TABLE readmodel_engagement_responses (
    trigger_id STRING NOT NULL,
    response STRING NOT NULL,
    responded_at TIMESTAMP(3) NOT NULL
) WITH (
    'connector' = 'jdbc',
    'url' = ${postgres_jdbc_url},
    'table-name' = 'readmodel_in.engagement_responses',
    'sink.buffer-flush.interval' = ${readmodel_flush_interval},
    'sink.buffer-flush.max-rows' = ${readmodel_flush_rows}
)
