-- owner: platform   grain: one row per record of features   freshness: seconds
-- The way into readmodel.features: Postgres keeps the newest of a visitor, customer or sku.
CREATE TABLE readmodel_features (
    entity STRING NOT NULL,
    key STRING NOT NULL,
    features STRING NOT NULL,
    valid_until TIMESTAMP(3),
    event_time TIMESTAMP(3) NOT NULL,
    log_offset BIGINT NOT NULL
) WITH (
    'connector' = 'jdbc',
    'url' = ${postgres_jdbc_url},
    'table-name' = 'readmodel_in.features',
    'sink.buffer-flush.interval' = ${readmodel_flush_interval},
    'sink.buffer-flush.max-rows' = ${readmodel_flush_rows}
)
