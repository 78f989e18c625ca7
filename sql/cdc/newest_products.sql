-- owner: catalog   grain: one row per product   freshness: sub-second
-- state: the latest change of each row of shop.products
-- The newest change by its place in the log, in which a snapshot comes before the changes that
-- follow it: what Connect writes again after a crash is not newer, and changes nothing.
-- A deletion is two changes, of a row that is there and of none, so that it is also told where the
-- job has never seen the row.
CREATE TEMPORARY VIEW newest_products AS
SELECT *
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY sku ORDER BY place DESC) AS newest
    FROM (
        SELECT
            *,
            change_lsn * 3 + CASE WHEN change_op = 'r' THEN 0 WHEN steps.is_there THEN 1 ELSE 2 END
                AS place
        FROM cdc_shop_products
        CROSS JOIN UNNEST(
            CASE WHEN change_op = 'd' THEN ARRAY [TRUE, FALSE] ELSE ARRAY [TRUE] END
        ) AS steps (is_there)
    )
)
WHERE newest = 1
