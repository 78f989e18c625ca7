-- owner: tests   grain: one row per thing   freshness: seconds
-- What the corpus breaks here.
EXECUTE STATEMENT SET BEGIN
INSERT INTO sink_update
SELECT sku, 1, event_time FROM clicks;
