-- One row per source, metric and run since $1, oldest first; incidents and runs in marked times are marked.
select s.source, s.metric, s.run_id, s.started_at, s.value, s.inputs, s.held,
    i.run_id is not null or exists (
        select 1 from ops.marked_times as m
        where (m.source is null or m.source = s.source) and s.started_at >= m.starts_at and s.started_at < m.ends_at
    ) as incident
from ops.source_stats as s
left join ops.incidents as i on i.run_id = s.run_id and i.source = s.source
where s.started_at >= $1 and s.value is not null
order by s.source, s.metric, s.started_at, s.run_id
