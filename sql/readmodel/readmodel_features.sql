-- owner: platform   grain: one row per record of features   freshness: seconds
-- The features of a visitor, a customer or a sku, to be served by its id.
INSERT INTO readmodel_features (entity, key, features, valid_until, event_time, log_offset)
SELECT
    entity,
    key,
    features,
    valid_until,
    event_time,
    log_offset
FROM vectors
