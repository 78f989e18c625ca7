-- owner: pricing   grain: one row per promotion   freshness: seconds
-- state: that of newest_promotions
-- Promotions; one whose row is deleted is withdrawn: it ends as it starts, so it never holds.
INSERT INTO pricing_promotions (
    event_id, event_time, promotion_id, sku, category, `percent`, amount_minor, currency, starts_at,
    ends_at, loyalty_tier, stackable, record_time
)
SELECT
    'promotions/' || promotion_id || '@' || CAST(change_lsn AS STRING),
    CAST(changed_at AS TIMESTAMP(3)),
    promotion_id,
    sku,
    category,
    `percent`,
    amount_minor,
    currency,
    CAST(starts_at AS TIMESTAMP(3)),
    CAST(CASE WHEN change_op = 'd' THEN starts_at ELSE ends_at END AS TIMESTAMP(3)),
    loyalty_tier,
    stackable,
    changed_at
FROM newest_promotions
