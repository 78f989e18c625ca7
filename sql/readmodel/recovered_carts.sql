-- owner: platform   grain: one row per purchase after a message   freshness: seconds
-- CART_RECOVERY: the cart is recovered when its customer buys within recovered_within. Clicks are
-- kept for messages_late: a message comes with a checkpoint, and may come after the purchase. LEAST
-- makes a condition of it that Flink does not take for a bound of what it has to keep.
CREATE TEMPORARY VIEW recovered_carts AS
SELECT
    cart_messages.trigger_id,
    CAST(FLOOR(cart_messages.event_time TO MINUTE) AS TIMESTAMP(3)) AS minute_start
FROM cart_messages
INNER JOIN clickstream_events
    ON
        cart_messages.customer_id = clickstream_events.customer_id
        AND clickstream_events.event_time
        BETWEEN cart_messages.event_time - ${messages_late}
        AND cart_messages.event_time + ${recovered_within}
WHERE
    clickstream_events.event_type = 'PURCHASE'
    AND LEAST(cart_messages.event_time, clickstream_events.event_time) = cart_messages.event_time
