-- One row per rule and severity since a moment: how many captures it concerned, of how many sources.
select f.rule, f.severity::varchar as severity, count(*) as captures, count(distinct c.source) as sources,
    min(f.value) as least, median(f.value) as middle, max(f.value) as most, max(r.started_at) as last_at
from audit.findings as f
join ops.runs as r using (run_id)
left join audit.captures as c using (capture_id)
where r.started_at >= $since and ($source is null or c.source = $source)
group by all
order by captures desc, f.rule, severity
limit 100
