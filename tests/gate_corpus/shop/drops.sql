-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
DROP TABLE clicks
