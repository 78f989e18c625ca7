-- owner: pricing   grain: one row per promotion   freshness: sub-second
-- state: the latest change of each row of shop.promotions
-- The newest change by its place in the log, in which a snapshot comes before the changes that
-- follow it: what Connect writes again after a crash is not newer, and changes nothing.
CREATE TEMPORARY VIEW newest_promotions AS
SELECT *
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY promotion_id ORDER BY place DESC) AS newest
    FROM (
        SELECT
            *,
            change_lsn * 2 + CASE WHEN change_op = 'r' THEN 0 ELSE 1 END AS place
        FROM cdc_shop_promotions
    )
)
WHERE newest = 1
