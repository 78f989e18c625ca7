-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE MODEL makes_a_model
INPUT (sku STRING) OUTPUT (label STRING)
WITH ('provider' = 'openai')
