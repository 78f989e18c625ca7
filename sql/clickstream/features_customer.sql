-- owner: growth-analytics   grain: one row per customer and event   freshness: seconds
-- What to rank by for a customer.
INSERT INTO features_customer (
    event_id, event_time, customer_id, visitor_id, loyalty_tier, country, active_days_30d,
    events_30d, purchases_30d, last_purchase_at, favourite_category_30d, categories_30d,
    price_minor_30d, price_band_30d, intent_strength, layer, category, price_minor, price_band,
    last_query, valid_until, record_time
)
SELECT
    event_id || '#customer',
    clicked_at,
    customer_id,
    visitor_id,
    loyalty_tier,
    country,
    active_days_30d,
    events_30d,
    purchases_30d,
    last_purchase_at,
    favourite_category_30d,
    categories_30d,
    price_minor_30d,
    CASE
        WHEN price_minor_30d < ${budget_below_minor} THEN 'BUDGET'
        WHEN price_minor_30d < ${premium_from_minor} THEN 'MIDDLE'
        WHEN price_minor_30d IS NOT NULL THEN 'PREMIUM'
    END,
    intent_strength,
    layer,
    ranking_category,
    ranking_price_minor,
    CASE
        WHEN ranking_price_minor < ${budget_below_minor} THEN 'BUDGET'
        WHEN ranking_price_minor < ${premium_from_minor} THEN 'MIDDLE'
        WHEN ranking_price_minor IS NOT NULL THEN 'PREMIUM'
    END,
    last_query,
    valid_until,
    CAST(clicked_at AS TIMESTAMP_LTZ(3))
FROM customer_vectors
