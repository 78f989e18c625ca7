-- owner: platform   grain: one row per thing that happened to an order   freshness: seconds
-- An order's timeline.
INSERT INTO readmodel_order_timeline (
    order_id, entry_id, happened_at, kind, what, state, explanation, sequence
)
SELECT
    order_id,
    entry_id,
    happened_at,
    kind,
    what,
    state,
    explanation,
    sequence
FROM order_entries
