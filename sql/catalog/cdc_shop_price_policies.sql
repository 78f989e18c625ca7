-- owner: pricing   grain: one row per change of a sku's price policy   freshness: sub-second
-- The changes of the table shop.price_policies, as Debezium writes them: the row as it is from
-- then on, or as it was before a deletion. Connect may write a change again after a crash.
CREATE TABLE cdc_shop_price_policies (
    sku STRING,
    version BIGINT,
    currency STRING,
    category STRING,
    base_minor BIGINT,
    floor_minor BIGINT,
    ceiling_minor BIGINT,
    cost_minor BIGINT,
    margin_pct DOUBLE,
    max_step_pct DOUBLE,
    cooldown_s BIGINT,
    surge_ratio DOUBLE,
    surge_end_ratio DOUBLE,
    surge_min_views BIGINT,
    surge_pct DOUBLE,
    low_stock_units BIGINT,
    restocked_units BIGINT,
    low_stock_pct DOUBLE,
    competitor_weight DOUBLE,
    competitor_dead_band_pct DOUBLE,
    competitor_max_age_s BIGINT,
    updated_at TIMESTAMP_LTZ(3),
    change_op STRING,
    change_lsn BIGINT,
    change_ms BIGINT,
    changed_at AS CASE WHEN change_op = 'r' THEN updated_at ELSE TO_TIMESTAMP_LTZ(change_ms, 3) END,
    WATERMARK FOR changed_at AS changed_at
) WITH (
    'connector' = 'kafka',
    'topic' = 'cdc.shop.price_policies',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'properties.group.id' = 'shopstream-cdc-shop-price-policies',
    'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'scan.watermark.idle-timeout' = ${reference_idle_timeout},
    'value.format' = 'json',
    'value.json.timestamp-format.standard' = 'ISO-8601'
)
