select changed_at, state, reason, detail, http_status, run_id
from ops.source_health_changes where source = $source
order by changed_at desc
limit 50
