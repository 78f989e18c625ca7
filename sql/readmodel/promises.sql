-- owner: platform   grain: one row per promise kept or broken   freshness: seconds
-- INVENTORY_ACCURACY: a promise is kept when its units are committed, and broken when they turn out
-- not to be where the books had them: they come from elsewhere (REROUTED) or not at all.
CREATE TEMPORARY VIEW promises AS
SELECT
    reservation_id || ' ' || status AS promise,
    status = 'COMMITTED' AS kept,
    CAST(FLOOR(event_time TO MINUTE) AS TIMESTAMP(3)) AS minute_start
FROM inventory_reservations
WHERE status IN ('COMMITTED', 'REROUTED') OR reason = 'STOCK_LOST'
