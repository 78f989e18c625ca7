-- owner: inventory   grain: one row per change of a sku's stock policy   freshness: sub-second
-- The changes of the table shop.stock_policies, as Debezium writes them: the row as it is from
-- then on, or as it was before a deletion. Connect may write a change again after a crash.
CREATE TABLE cdc_shop_stock_policies (
    sku STRING,
    reorder_point BIGINT,
    reorder_quantity BIGINT,
    reservation_timeout_s BIGINT,
    updated_at TIMESTAMP_LTZ(3),
    change_op STRING,
    change_lsn BIGINT,
    change_ms BIGINT,
    changed_at AS CASE WHEN change_op = 'r' THEN updated_at ELSE TO_TIMESTAMP_LTZ(change_ms, 3) END,
    WATERMARK FOR changed_at AS changed_at
) WITH (
    'connector' = 'kafka',
    'topic' = 'cdc.shop.stock_policies',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-cdc-shop-stock-policies',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${reference_idle_timeout},
    'value.format' = 'json',
    'value.json.timestamp-format.standard' = 'ISO-8601'
)
