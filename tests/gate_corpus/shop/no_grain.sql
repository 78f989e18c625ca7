-- owner: tests   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW no_grain AS
SELECT sku FROM clicks
