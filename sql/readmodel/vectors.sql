-- owner: platform   grain: one row per record of features   freshness: seconds
-- Features of visitors, customers and skus, as a document each.
CREATE TEMPORARY VIEW vectors AS
SELECT
    'VISITOR' AS entity,
    visitor_id AS key,
    JSON_OBJECT(
        'customer_id' VALUE customer_id,
        'views' VALUE `views`,
        'hovers' VALUE hovers,
        'cart_adds' VALUE cart_adds,
        'cart_removals' VALUE cart_removals,
        'wishlist_adds' VALUE wishlist_adds,
        'searches' VALUE searches,
        'checkout_starts' VALUE checkout_starts,
        'purchases' VALUE purchases,
        'distinct_skus' VALUE distinct_skus,
        'distinct_categories' VALUE distinct_categories,
        'last_query' VALUE last_query,
        'last_sku' VALUE last_sku,
        'last_category' VALUE last_category,
        'price_minor' VALUE price_minor,
        'intent_strength' VALUE intent_strength
    ) AS features,
    valid_until,
    CAST(event_time AS TIMESTAMP(3)) AS event_time,
    log_offset
FROM features_session
UNION ALL
SELECT
    'CUSTOMER' AS entity,
    customer_id AS key,
    JSON_OBJECT(
        'loyalty_tier' VALUE loyalty_tier,
        'country' VALUE country,
        'active_days_30d' VALUE active_days_30d,
        'events_30d' VALUE events_30d,
        'purchases_30d' VALUE purchases_30d,
        'favourite_category_30d' VALUE favourite_category_30d,
        'price_minor_30d' VALUE price_minor_30d,
        'price_band_30d' VALUE price_band_30d,
        'intent_strength' VALUE intent_strength,
        'layer' VALUE layer,
        'category' VALUE category,
        'price_minor' VALUE price_minor,
        'price_band' VALUE price_band,
        'last_query' VALUE last_query,
        'last_purchase_at' VALUE CAST(last_purchase_at AS STRING)
    ) AS features,
    valid_until,
    CAST(event_time AS TIMESTAMP(3)) AS event_time,
    log_offset
FROM features_customer
UNION ALL
SELECT
    'SKU' AS entity,
    sku AS key,
    JSON_OBJECT(
        'views_1m' VALUE views_1m,
        'views_5m' VALUE views_5m,
        'views_1h' VALUE views_1h,
        'carts_1m' VALUE carts_1m,
        'carts_5m' VALUE carts_5m,
        'carts_1h' VALUE carts_1h,
        'purchases_1m' VALUE purchases_1m,
        'purchases_5m' VALUE purchases_5m,
        'purchases_1h' VALUE purchases_1h,
        'browse_to_cart' VALUE browse_to_cart,
        'baseline' VALUE baseline,
        'surge_ratio' VALUE surge_ratio
    ) AS features,
    CAST(NULL AS TIMESTAMP(3)) AS valid_until,
    CAST(event_time AS TIMESTAMP(3)) AS event_time,
    log_offset
FROM features_product_demand
