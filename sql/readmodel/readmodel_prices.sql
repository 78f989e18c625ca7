-- owner: platform   grain: one row per change of a sku's price   freshness: seconds
-- What a sku costs now, and why.
INSERT INTO readmodel_prices (
    sku, category, currency, price_minor, old_minor, regular_minor, lowest_minor, highest_minor,
    reasons, limits, promotions, policy_version, changed_at, `number`
)
SELECT
    sku,
    category,
    currency,
    new_minor,
    old_minor,
    regular_minor,
    lowest_minor,
    highest_minor,
    JSON_STRING(reasons),
    JSON_STRING(limits),
    JSON_STRING(promotions),
    policy_version,
    event_time,
    `number`
FROM pricing_changes
