-- owner: platform   grain: one row per decision to review an order   freshness: seconds
-- Whom a reviewer is asked about, and why. A repeat is a later row: the table keeps the first.
INSERT INTO readmodel_fraud_decisions (
    order_id, decision_id, customer_id, score, reasons, rules_version, decided_at, decision_offset
)
SELECT
    order_id,
    decision_id,
    customer_id,
    score,
    JSON_STRING(reasons),
    rules_version,
    decided_at,
    log_offset
FROM fraud_decisions
WHERE band = 'REVIEW'
