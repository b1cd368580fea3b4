-- One row per rule, severity and source since $1: how many captures it concerned, and an example.
select f.rule, f.severity::varchar as severity, coalesce(c.source, split_part(f.detail, ': ', 1)) as source,
    count(*) as captures, min(f.value) as least, max(f.value) as most, min(left(f.detail, 160)) as example
from audit.findings as f
left join audit.captures as c using (capture_id)
join ops.runs as r on r.run_id = f.run_id
where r.started_at >= $1
group by f.rule, f.severity, coalesce(c.source, split_part(f.detail, ': ', 1))
order by captures desc, f.rule, source
