-- owner: platform   grain: one row per KPI and minute   freshness: seconds
-- The table readmodel.kpis itself: only its guard stands before it, for a figure is written often.
CREATE TABLE readmodel_kpis (
    kpi STRING NOT NULL,
    minute_start TIMESTAMP(3) NOT NULL,
    part BIGINT NOT NULL,
    whole BIGINT NOT NULL,
    rate DOUBLE NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (kpi, minute_start) NOT ENFORCED
) WITH (
    'connector' = 'jdbc',
    'url' = ${postgres_jdbc_url},
    'table-name' = 'readmodel.kpis',
    'sink.buffer-flush.interval' = ${readmodel_flush_interval},
    'sink.buffer-flush.max-rows' = ${readmodel_flush_rows}
)
