-- owner: growth-analytics   grain: one row per customer and event   freshness: seconds
-- The layered vector: where intent is strong, what the session says overrides the last 30 days, as
-- far as it says anything; where it is not, the session only fills in what they leave open.
CREATE TEMPORARY VIEW customer_vectors AS
SELECT
    *,
    CASE WHEN is_strong THEN 'SESSION' ELSE 'LONG_TERM' END AS layer,
    CASE
        WHEN is_strong THEN COALESCE(last_category, favourite_category_30d)
        ELSE COALESCE(favourite_category_30d, last_category)
    END AS ranking_category,
    CASE
        WHEN is_strong THEN COALESCE(price_minor, price_minor_30d)
        ELSE COALESCE(price_minor_30d, price_minor)
    END AS ranking_price_minor
FROM customer_layers
