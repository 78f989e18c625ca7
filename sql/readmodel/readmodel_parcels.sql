-- owner: platform   grain: one row per event of a parcel that can be followed   freshness: seconds
-- Where an order's parcel can be followed.
INSERT INTO readmodel_parcels (order_id, tracking_number, carrier, parcel_at)
SELECT
    order_id,
    tracking_number,
    carrier,
    event_time
FROM shipments_events
WHERE tracking_number IS NOT NULL
