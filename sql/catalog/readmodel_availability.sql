-- owner: platform   grain: one row per version of a sku's stock at a warehouse   freshness: seconds
-- The way into readmodel.availability: Postgres keeps the newest row of a sku and warehouse.
CREATE TABLE readmodel_availability (
    sku STRING NOT NULL,
    warehouse_id STRING NOT NULL,
    total BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    committed BIGINT NOT NULL,
    available BIGINT NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL,
    version BIGINT NOT NULL
) WITH (
    'connector' = 'jdbc',
    'url' = ${postgres_jdbc_url},
    'table-name' = 'readmodel_in.availability',
    'sink.buffer-flush.interval' = ${readmodel_flush_interval},
    'sink.buffer-flush.max-rows' = ${readmodel_flush_rows}
)
