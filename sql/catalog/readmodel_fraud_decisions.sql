-- owner: platform   grain: one row per decision to review an order   freshness: seconds
-- The way into readmodel.fraud_review_queue, the columns of the decision: Postgres keeps the first.
CREATE TABLE readmodel_fraud_decisions (
    order_id STRING NOT NULL,
    decision_id STRING NOT NULL,
    customer_id STRING NOT NULL,
    score BIGINT NOT NULL,
    reasons STRING NOT NULL,
    rules_version BIGINT NOT NULL,
    decided_at TIMESTAMP(3) NOT NULL,
    decision_offset BIGINT NOT NULL
) WITH (
    'connector' = 'jdbc',
    'url' = ${postgres_jdbc_url},
    'table-name' = 'readmodel_in.fraud_decisions',
    'sink.buffer-flush.interval' = ${readmodel_flush_interval},
    'sink.buffer-flush.max-rows' = ${readmodel_flush_rows}
)
