-- owner: fraud   grain: one row per fraud rule   freshness: sub-second
-- state: the latest change of each row of shop.fraud_rules
-- The newest change by its place in the log, in which a snapshot comes before the changes that
-- follow it: what Connect writes again after a crash is not newer, and changes nothing.
CREATE TEMPORARY VIEW newest_fraud_rules AS
SELECT *
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY rule_id ORDER BY place DESC) AS newest
    FROM (
        SELECT
            *,
            change_lsn * 2 + CASE WHEN change_op = 'r' THEN 0 ELSE 1 END AS place
        FROM cdc_shop_fraud_rules
    )
)
WHERE newest = 1
