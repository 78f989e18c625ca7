-- owner: platform   grain: one row per event of a parcel that can be followed   freshness: seconds
-- The way into readmodel.orders, the columns of its parcel: Postgres keeps the latest.
CREATE TABLE readmodel_parcels (
    order_id STRING NOT NULL,
    tracking_number STRING NOT NULL,
    carrier STRING,
    parcel_at TIMESTAMP(3) NOT NULL
) WITH (
    'connector' = 'jdbc',
    'url' = ${postgres_jdbc_url},
    'table-name' = 'readmodel_in.parcels',
    'sink.buffer-flush.interval' = ${readmodel_flush_interval},
    'sink.buffer-flush.max-rows' = ${readmodel_flush_rows}
)
