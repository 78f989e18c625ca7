-- owner: growth-analytics   grain: one row per event   freshness: seconds
-- Clicks with the category and price of the product, as of then, where the event itself has none.
CREATE TEMPORARY VIEW categorised_clicks AS
SELECT
    c.visitor_id,
    c.customer_id,
    c.event_type,
    c.sku,
    COALESCE(c.category, p.category) AS category,
    c.query,
    c.quantity,
    COALESCE(c.price_minor, p.price_minor) AS price_minor,
    c.clicked_at,
    c.seen_at
FROM clicks AS c
LEFT JOIN catalog_products FOR SYSTEM_TIME AS OF c.seen_at AS p ON c.sku = p.sku
