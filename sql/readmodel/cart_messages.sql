-- owner: platform   grain: one row per message about a cart   freshness: seconds
-- CART_RECOVERY: the messages that the rate is about.
CREATE TEMPORARY VIEW cart_messages AS
SELECT
    trigger_id,
    customer_id,
    event_time
FROM engagement_triggers
WHERE template = 'CART_ABANDONMENT' AND outcome = 'SENT'
