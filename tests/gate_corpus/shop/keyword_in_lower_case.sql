-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
CREATE TEMPORARY VIEW keyword_in_lower_case AS
SELECT
    sku,
    event_time
from clicks
