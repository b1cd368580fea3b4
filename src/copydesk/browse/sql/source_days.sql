select r.started_at::date as day, count(*) as captures, count(*) filter (c.outcome = 'quarantined') as quarantined
from audit.captures as c join ops.runs as r using (run_id)
where c.source = $source and r.started_at >= $since
group by 1
order by 1
