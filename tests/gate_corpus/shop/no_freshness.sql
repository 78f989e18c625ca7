-- owner: tests   grain: one row per click
-- What the corpus breaks here.
CREATE TEMPORARY VIEW no_freshness AS
SELECT sku FROM clicks
