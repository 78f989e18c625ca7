-- owner: platform   grain: one row per step of an order   freshness: seconds
-- The way into readmodel.orders, the columns of its steps: Postgres keeps the last one of an order.
CREATE TABLE readmodel_orders (
    order_id STRING NOT NULL,
    customer_id STRING NOT NULL,
    state STRING NOT NULL,
    cause STRING NOT NULL,
    explanation STRING NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL,
    sequence BIGINT NOT NULL
) WITH (
    'connector' = 'jdbc',
    'url' = ${postgres_jdbc_url},
    'table-name' = 'readmodel_in.orders',
    'sink.buffer-flush.interval' = ${readmodel_flush_interval},
    'sink.buffer-flush.max-rows' = ${readmodel_flush_rows}
)
