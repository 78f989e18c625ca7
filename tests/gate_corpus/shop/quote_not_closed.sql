-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW quote_not_closed AS
SELECT sku
FROM clicks
WHERE event_type = 'PAGE_VIEW
