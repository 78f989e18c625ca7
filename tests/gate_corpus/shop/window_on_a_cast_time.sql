-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW window_on_a_cast_time AS
SELECT
    sku,
    COUNT(*) AS clicks
FROM TABLE(
    TUMBLE(TABLE cast_clicks, DESCRIPTOR(clicked_at), INTERVAL '10' SECOND)
)
GROUP BY sku, window_start, window_end
