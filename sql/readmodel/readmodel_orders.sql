-- owner: platform   grain: one row per step of an order   freshness: seconds
-- Where an order stands, and why.
INSERT INTO readmodel_orders (
    order_id, customer_id, state, cause, explanation, updated_at, sequence
)
SELECT
    order_id,
    customer_id,
    to_state,
    cause,
    explanation,
    event_time,
    sequence
FROM orders_lifecycle
