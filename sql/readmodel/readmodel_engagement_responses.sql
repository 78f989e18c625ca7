-- owner: platform   grain: one row per response to a message   freshness: seconds
-- What a customer did last with a message.
INSERT INTO readmodel_engagement_responses (trigger_id, response, responded_at)
SELECT
    trigger_id,
    response,
    event_time
FROM engagement_responses
