-- owner: platform   grain: one row per step of an order into or out of review   freshness: seconds
-- Whether an order still waits for its reviewer: it does while it is IN_REVIEW.
INSERT INTO readmodel_fraud_reviews (order_id, status, state, cause, changed_at, sequence)
SELECT
    order_id,
    CASE WHEN to_state = 'IN_REVIEW' THEN 'OPEN' ELSE 'CLOSED' END,
    to_state,
    cause,
    event_time,
    sequence
FROM orders_lifecycle
WHERE to_state = 'IN_REVIEW' OR from_state = 'IN_REVIEW'
