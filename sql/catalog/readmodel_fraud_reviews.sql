-- owner: platform   grain: one row per step of an order into or out of review   freshness: seconds
-- The way into readmodel.fraud_review_queue, the columns of the review: the last step is kept.
CREATE TABLE readmodel_fraud_reviews (
    order_id STRING NOT NULL,
    status STRING NOT NULL,
    state STRING NOT NULL,
    cause STRING NOT NULL,
    changed_at TIMESTAMP(3) NOT NULL,
    sequence BIGINT NOT NULL
) WITH (
    'connector' = 'jdbc',
    'url' = ${postgres_jdbc_url},
    'table-name' = 'readmodel_in.fraud_reviews',
    'sink.buffer-flush.interval' = ${readmodel_flush_interval},
    'sink.buffer-flush.max-rows' = ${readmodel_flush_rows}
)
