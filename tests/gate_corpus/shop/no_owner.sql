-- grain: one row per click   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW no_owner AS
SELECT sku FROM clicks
