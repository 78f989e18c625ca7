-- owner: platform   grain: one row per change of a sku's price   freshness: seconds
-- The way into readmodel.prices: Postgres keeps the last change of a sku.
CREATE TABLE readmodel_prices (
    sku STRING NOT NULL,
    category STRING,
    currency STRING NOT NULL,
    price_minor BIGINT NOT NULL,
    old_minor BIGINT,
    regular_minor BIGINT NOT NULL,
    lowest_minor BIGINT NOT NULL,
    highest_minor BIGINT NOT NULL,
    reasons STRING NOT NULL,
    limits STRING NOT NULL,
    promotions STRING NOT NULL,
    policy_version BIGINT NOT NULL,
    changed_at TIMESTAMP(3) NOT NULL,
    `number` BIGINT NOT NULL
) WITH (
    'connector' = 'jdbc',
    'url' = ${postgres_jdbc_url},
    'table-name' = 'readmodel_in.prices',
    'sink.buffer-flush.interval' = ${readmodel_flush_interval},
    'sink.buffer-flush.max-rows' = ${readmodel_flush_rows}
)
