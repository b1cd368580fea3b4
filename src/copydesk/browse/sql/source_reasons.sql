select reason, count(*) as records
from audit.quarantine where source = $source and resolved_at is null
group by reason
order by records desc, reason
limit 50
