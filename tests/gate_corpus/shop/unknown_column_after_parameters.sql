-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW unknown_column_after_parameters AS
SELECT
    sku,
    ${cheap_below} AS cheap,
    ${bought} AS bought,
    ${bought} || pric_minor AS said
FROM clicks
