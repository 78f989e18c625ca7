-- owner: platform   grain: one row per thing that happened to an order   freshness: seconds
-- The way into readmodel.order_timeline.
CREATE TABLE readmodel_order_timeline (
    order_id STRING NOT NULL,
    entry_id STRING NOT NULL,
    happened_at TIMESTAMP(3) NOT NULL,
    kind STRING NOT NULL,
    what STRING NOT NULL,
    state STRING NOT NULL,
    explanation STRING NOT NULL,
    sequence BIGINT
) WITH (
    'connector' = 'jdbc',
    'url' = ${postgres_jdbc_url},
    'table-name' = 'readmodel_in.order_timeline',
    'sink.buffer-flush.interval' = ${readmodel_flush_interval},
    'sink.buffer-flush.max-rows' = ${readmodel_flush_rows}
)
