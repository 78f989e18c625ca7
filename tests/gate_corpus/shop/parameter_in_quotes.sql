-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW parameter_in_quotes AS
SELECT sku
FROM clicks
WHERE
    event_type = '${bought}'
    AND price_minor > ${cheap_below}
