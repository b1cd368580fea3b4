-- One row per label since $1: blocks that were cut.
select t.name as label, sum(t.inputs)::bigint as blocks
from ops.tallies as t join ops.runs as r using (run_id)
where t.kind = 'cut' and r.started_at >= $1
group by t.name
order by blocks desc, label
