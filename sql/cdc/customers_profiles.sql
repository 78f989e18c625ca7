-- owner: crm   grain: one row per customer   freshness: seconds
-- state: that of newest_customers
-- What is known of customers; a row that is deleted is deleted here.
INSERT INTO customers_profiles (
    event_id, event_time, customer_id, loyalty_tier, country, created_at, record_time
)
SELECT
    'customers/' || customer_id || '@' || CAST(change_lsn AS STRING),
    CAST(changed_at AS TIMESTAMP(3)),
    customer_id,
    loyalty_tier,
    country,
    CAST(created_at AS TIMESTAMP(3)),
    changed_at
FROM newest_customers
WHERE is_there
