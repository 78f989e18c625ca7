-- owner: growth-analytics   grain: one row per customer, category and minute   freshness: a minute
-- What a customer did in a category, added up so that 30 days of it are small.
CREATE TEMPORARY VIEW customer_panes AS
SELECT
    customer_id,
    COALESCE(category, '') AS category,
    COUNT(*) AS events,
    COUNT(*) FILTER (WHERE event_type = 'PURCHASE') AS purchases,
    MAX(clicked_at) FILTER (WHERE event_type = 'PURCHASE') AS purchased_at,
    SUM(
        CASE event_type WHEN 'PAGE_VIEW' THEN 1 WHEN 'ADD_TO_CART' THEN 5 ELSE 10 END
    ) AS interest,
    SUM(price_minor) AS prices_minor,
    COUNT(price_minor) AS priced,
    window_time AS pane_time
FROM TABLE(TUMBLE(TABLE categorised_clicks, DESCRIPTOR(seen_at), ${history_pane}))
WHERE customer_id IS NOT NULL AND event_type IN ('PAGE_VIEW', 'ADD_TO_CART', 'PURCHASE')
GROUP BY customer_id, COALESCE(category, ''), window_start, window_end, window_time
