-- owner: growth-analytics   grain: one row per visitor and event   freshness: sub-second
-- The visitor's last 90 seconds with intent_strength: points for what they did, brought to 0 to 1
-- by 1 - EXP(-points), so that the first signs count most and no single one is a certainty.
CREATE TEMPORARY VIEW sessions AS
SELECT
    *,
    1.0E0 - EXP(
        -GREATEST(
            0.0E0,
            ${weight_view} * page_views
            + ${weight_hover} * hovers
            + ${weight_search} * searches
            + ${weight_wishlist} * wishlist_adds
            + ${weight_cart} * (cart_adds - cart_removals)
            + ${weight_checkout} * checkout_starts
            + ${weight_focus} * (sku_events - distinct_skus) / events
            - ${weight_purchase} * purchases
        )
    ) AS intent_strength,
    clicked_at + ${session_length} AS valid_until
FROM session_counts
