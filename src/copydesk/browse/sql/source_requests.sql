select started_at, purpose, url, outcome, reason, http_status, elapsed_ms, body_bytes, detail, run_id
from ops.fetch_log where source = $source
order by started_at desc nulls last
limit $limit
