-- owner: growth-analytics   grain: one row per category and minute   freshness: a minute
-- How much is searched for in a category.
INSERT INTO clickstream_search_statistics (
    event_id, event_time, category, window_start, window_end, searches, searchers, queries,
    record_time
)
SELECT
    COALESCE(category, '(all)') || '|' || DATE_FORMAT(window_end, 'yyyy-MM-dd HH:mm:ss'),
    window_end,
    COALESCE(category, '(all)'),
    window_start,
    window_end,
    COUNT(*),
    COUNT(DISTINCT visitor_id),
    COUNT(DISTINCT LOWER(query)),
    CAST(window_end AS TIMESTAMP_LTZ(3))
FROM TABLE(TUMBLE(TABLE categorised_clicks, DESCRIPTOR(seen_at), INTERVAL '1' MINUTE))
WHERE event_type = 'SEARCH'
GROUP BY category, window_start, window_end
