-- owner: pricing   grain: one row per change of a promotion   freshness: sub-second
-- The changes of the table shop.promotions, as Debezium writes them: the row as it is from
-- then on, or as it was before a deletion. Connect may write a change again after a crash.
CREATE TABLE cdc_shop_promotions (
    promotion_id STRING,
    sku STRING,
    category STRING,
    `percent` DOUBLE,
    amount_minor BIGINT,
    currency STRING,
    starts_at TIMESTAMP_LTZ(3),
    ends_at TIMESTAMP_LTZ(3),
    loyalty_tier STRING,
    stackable BOOLEAN,
    updated_at TIMESTAMP_LTZ(3),
    change_op STRING,
    change_lsn BIGINT,
    change_ms BIGINT,
    changed_at AS CASE WHEN change_op = 'r' THEN updated_at ELSE TO_TIMESTAMP_LTZ(change_ms, 3) END,
    WATERMARK FOR changed_at AS changed_at
) WITH (
    'connector' = 'kafka',
    'topic' = 'cdc.shop.promotions',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-cdc-shop-promotions',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${reference_idle_timeout},
    'value.format' = 'json',
    'value.json.timestamp-format.standard' = 'ISO-8601'
)
