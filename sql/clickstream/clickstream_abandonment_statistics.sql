-- owner: growth-analytics   grain: one row per category and minute   freshness: a minute
-- How the carts that ended in a minute ended.
INSERT INTO clickstream_abandonment_statistics (
    event_id, event_time, category, window_start, window_end, carts, bought, emptied, abandoned,
    abandonment_rate, record_time
)
SELECT
    category || '|' || DATE_FORMAT(window_end, 'yyyy-MM-dd HH:mm:ss'),
    window_end,
    category,
    window_start,
    window_end,
    carts,
    bought,
    emptied,
    carts - bought - emptied,
    CAST(carts - bought - emptied AS DOUBLE) / carts,
    CAST(window_end AS TIMESTAMP_LTZ(3))
FROM (
    SELECT
        category,
        window_start,
        window_end,
        COUNT(*) AS carts,
        COUNT(*) FILTER (WHERE purchases > 0) AS bought,
        COUNT(*) FILTER (WHERE purchases = 0 AND units_removed >= units_added) AS emptied
    FROM TABLE(TUMBLE(TABLE carts, DESCRIPTOR(ended_at), INTERVAL '1' MINUTE))
    WHERE units_added > 0
    GROUP BY category, window_start, window_end
)
