-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW two_statements AS
SELECT ';' AS semicolon FROM clicks;

CREATE TEMPORARY VIEW second AS
SELECT sku FROM clicks
