-- owner: platform   grain: one row per version of a sku's stock at a warehouse   freshness: seconds
-- What can be sold of a sku at a warehouse.
INSERT INTO readmodel_availability (
    sku, warehouse_id, total, reserved, committed, available, updated_at, version
)
SELECT
    sku,
    warehouse_id,
    total,
    reserved,
    committed,
    available,
    event_time,
    version
FROM inventory_availability
