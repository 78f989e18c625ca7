-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW unparsable AS
SELECT
    sku,
    COUNT(* AS clicks
FROM clicks
