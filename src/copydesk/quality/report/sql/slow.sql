-- One row per source since $1: what fetching cost, slowest first. Sources that fetch nothing have no row.
select f.source, count(*) as requests, median(f.elapsed_ms)::bigint as median_ms,
    quantile_cont(f.elapsed_ms, 0.95)::bigint as p95_ms,
    count(*) filter (f.outcome = 'failed') as failed, sum(f.body_bytes)::bigint as body_bytes
from ops.fetch_log as f join ops.runs as r using (run_id)
where r.started_at >= $1 and f.elapsed_ms is not null
group by f.source
order by median_ms desc, f.source
