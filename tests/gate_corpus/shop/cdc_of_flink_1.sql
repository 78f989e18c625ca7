-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW cdc_of_flink_1 AS
SELECT order_id
FROM orders_cdc
