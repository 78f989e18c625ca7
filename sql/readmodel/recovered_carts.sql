-- owner: platform   grain: one row per purchase after a message   freshness: seconds
-- CART_RECOVERY: the cart is recovered when its customer buys within recovered_within.
CREATE TEMPORARY VIEW recovered_carts AS
SELECT
    cart_messages.trigger_id,
    CAST(FLOOR(cart_messages.event_time TO MINUTE) AS TIMESTAMP(3)) AS minute_start
FROM cart_messages
INNER JOIN clickstream_events
    ON
        cart_messages.customer_id = clickstream_events.customer_id
        AND clickstream_events.event_time BETWEEN cart_messages.event_time
        AND cart_messages.event_time + ${recovered_within}
WHERE clickstream_events.event_type = 'PURCHASE'
