-- owner: growth-analytics   grain: one row per customer and event   freshness: seconds
-- A customer's session beside their last 30 days and their profile, each as of then.
CREATE TEMPORARY VIEW customer_layers AS
SELECT
    s.event_id,
    s.clicked_at,
    s.customer_id,
    s.visitor_id,
    p.loyalty_tier,
    p.country,
    COALESCE(h.active_days_30d, 0) AS active_days_30d,
    COALESCE(h.events_30d, 0) AS events_30d,
    COALESCE(h.purchases_30d, 0) AS purchases_30d,
    h.last_purchase_at,
    h.favourite_category_30d,
    COALESCE(h.categories_30d, 0) AS categories_30d,
    h.price_minor_30d,
    s.intent_strength,
    s.intent_strength >= ${strong_intent} AS is_strong,
    s.last_category,
    s.price_minor,
    s.last_query,
    s.valid_until
FROM sessions AS s
LEFT JOIN customer_history FOR SYSTEM_TIME AS OF s.seen_at AS h ON s.customer_id = h.customer_id
LEFT JOIN customers_profiles FOR SYSTEM_TIME AS OF s.seen_at AS p ON s.customer_id = p.customer_id
WHERE s.customer_id IS NOT NULL
