-- owner: tests   grain: one row per thing   freshness: seconds
CREATE TEMPORARY VIEW no_sentence AS
SELECT sku FROM clicks
