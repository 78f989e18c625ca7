-- owner: inventory   grain: one row per sku's stock policy   freshness: seconds
-- state: that of newest_stock_policies
-- Stock policies; a sku whose row is deleted follows "*" again.
INSERT INTO inventory_policies (
    event_id, event_time, sku, reorder_point, reorder_quantity, reservation_timeout_s, record_time
)
SELECT
    'stock_policies/' || sku || '@' || CAST(change_lsn AS STRING),
    CAST(changed_at AS TIMESTAMP(3)),
    sku,
    reorder_point,
    reorder_quantity,
    reservation_timeout_s,
    changed_at
FROM newest_stock_policies
WHERE is_there
