-- owner: tests   grain: one row per thing   freshness: seconds
-- state: a row per sku
-- What the corpus breaks here.
CREATE TEMPORARY VIEW python_aggregate AS
SELECT
    sku,
    PYTHON_SUM(price_minor) AS price_minor
FROM TABLE(
    TUMBLE(TABLE clicks, DESCRIPTOR(event_time), INTERVAL '10' SECOND)
)
GROUP BY sku, window_start, window_end
