-- owner: growth-analytics   grain: one row per category and minute   freshness: a minute
-- How much is searched for in a category; the dashboard of search.
CREATE TABLE clickstream_search_statistics (
    event_id STRING NOT NULL,
    event_time TIMESTAMP(3) NOT NULL,
    category STRING NOT NULL,
    window_start TIMESTAMP(3) NOT NULL,
    window_end TIMESTAMP(3) NOT NULL,
    searches BIGINT NOT NULL,
    searchers BIGINT NOT NULL,
    queries BIGINT NOT NULL,
    record_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'
) WITH (
    'connector' = 'kafka',
    'topic' = 'clickstream.search-statistics',
    'properties.bootstrap.servers' = ${kafka_bootstrap},
    'sink.delivery-guarantee' = 'exactly-once',
    'sink.transactional-id-prefix' = 'shopstream-clickstream-search-statistics',
    'sink.transaction-naming-strategy' = 'POOLING',
    'properties.transaction.timeout.ms' = ${transaction_timeout_ms},
    'key.format' = 'raw',
    'key.fields' = 'category',
    'value.format' = 'avro-confluent',
    'value.avro-confluent.url' = ${registry_url},
    'value.avro-confluent.schema' = ${schema_clickstream_search_statistics}
)
