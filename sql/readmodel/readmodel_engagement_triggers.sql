-- owner: platform   grain: one row per reason to write to a customer   freshness: seconds
-- Every reason to write to a customer, and what became of it.
INSERT INTO readmodel_engagement_triggers (
    trigger_id, customer_id, template, outcome, reason, subject, skus, channel, caused_at, send_at,
    decided_at
)
SELECT
    trigger_id,
    customer_id,
    template,
    outcome,
    reason,
    subject,
    JSON_STRING(skus),
    channel,
    caused_at,
    send_at,
    event_time
FROM engagement_triggers
