-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW distinct_for_ever AS
SELECT DISTINCT sku
FROM clicks
