-- owner: pricing   grain: one row per sku, versioned by told_at   freshness: 10 minutes
-- state: the latest row per sku; skus are as many as the catalogue has
-- The sku's usual browse-to-cart ratio, drawn toward that of all skus while little is known of it.
CREATE TEMPORARY VIEW baselines AS
SELECT
    sku,
    (CAST(carts_24h AS DOUBLE) + ${usual_ratio} * ${usual_views})
        / (CAST(views_24h AS DOUBLE) + ${usual_views}) AS baseline,
    told_at
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY sku ORDER BY told_at DESC) AS age
    FROM demand_days
)
WHERE age = 1
