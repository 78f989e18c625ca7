-- owner: platform   grain: one row per KPI and minute, anew with every fact   freshness: seconds
-- How many ids a KPI has in a minute. They are forgotten 6 hours after the minute's last fact.
CREATE TEMPORARY VIEW kpi_counts AS
SELECT /*+ STATE_TTL('kpi_facts' = '6 h') */
    kpi,
    minute_start,
    COUNT(DISTINCT id) FILTER (WHERE counts) AS part,
    COUNT(DISTINCT id) AS whole
FROM kpi_facts
GROUP BY kpi, minute_start
