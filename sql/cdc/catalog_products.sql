-- owner: catalog   grain: one row per product   freshness: seconds
-- state: that of newest_products
-- What the shop sells; a row that is deleted is deleted here.
INSERT INTO catalog_products (
    event_id, event_time, sku, name, category, price_minor, currency, record_time
)
SELECT
    'products/' || sku || '@' || CAST(change_lsn AS STRING),
    CAST(changed_at AS TIMESTAMP(3)),
    sku,
    name,
    category,
    price_minor,
    currency,
    changed_at
FROM newest_products
WHERE is_there
