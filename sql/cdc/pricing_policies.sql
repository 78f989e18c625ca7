-- owner: pricing   grain: one row per sku's price policy   freshness: seconds
-- state: that of newest_price_policies
-- Price policies. The table refuses deletions, so there is none to pass on.
INSERT INTO pricing_policies (
    event_id, event_time, sku, version, currency, category, base_minor, floor_minor,
    ceiling_minor, cost_minor, margin_pct, max_step_pct, cooldown_s, surge_ratio, surge_end_ratio,
    surge_min_views, surge_pct, low_stock_units, restocked_units, low_stock_pct,
    competitor_weight, competitor_dead_band_pct, competitor_max_age_s, record_time
)
SELECT
    'price_policies/' || sku || '@' || CAST(change_lsn AS STRING),
    CAST(changed_at AS TIMESTAMP(3)),
    sku,
    version,
    currency,
    category,
    base_minor,
    floor_minor,
    ceiling_minor,
    cost_minor,
    margin_pct,
    max_step_pct,
    cooldown_s,
    surge_ratio,
    surge_end_ratio,
    surge_min_views,
    surge_pct,
    low_stock_units,
    restocked_units,
    low_stock_pct,
    competitor_weight,
    competitor_dead_band_pct,
    competitor_max_age_s,
    changed_at
FROM newest_price_policies
