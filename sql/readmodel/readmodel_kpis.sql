-- owner: platform   grain: one row per KPI and minute, anew with every fact   freshness: seconds
-- KPIs by minute; kpi_facts.sql defines them. The version grows with every id that is counted, so
-- that a job that counts again overwrites a figure only once it knows as much.
INSERT INTO readmodel_kpis (kpi, minute_start, part, whole, rate, version)
SELECT
    kpi,
    minute_start,
    part,
    whole,
    CAST(part AS DOUBLE) / whole,
    part + whole
FROM kpi_counts
