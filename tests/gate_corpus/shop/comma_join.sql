-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW comma_join AS
SELECT
    clicks.sku,
    page_views.price_minor
FROM clicks, page_views
WHERE clicks.price_minor > page_views.price_minor
