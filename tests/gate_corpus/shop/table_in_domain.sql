-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TABLE table_in_domain (sku STRING) WITH ('connector' = 'datagen')
