-- owner: fraud   grain: one row per fraud rule   freshness: seconds
-- state: that of newest_fraud_rules
-- Fraud rules; one whose row is deleted is off, by the version in which it was turned off.
INSERT INTO fraud_rules (
    event_id, event_time, rule_id, kind, weight, parameters, mode, version, record_time
)
SELECT
    'fraud_rules/' || rule_id || '@' || CAST(change_lsn AS STRING),
    CAST(changed_at AS TIMESTAMP(3)),
    rule_id,
    kind,
    weight,
    -- The table admits names and numbers only, so that this is all of JSON that there is.
    CAST(
        STR_TO_MAP(REGEXP_REPLACE(parameters, '[{}" ]', ''), ',', ':')
        AS MAP<STRING NOT NULL, DOUBLE NOT NULL>
    ),
    CASE WHEN change_op = 'd' THEN 'OFF' ELSE mode END,
    version,
    changed_at
FROM newest_fraud_rules
