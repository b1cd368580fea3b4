select count(*) as parts, coalesce(sum(captures), 0)::bigint as captures, max(loaded_at) as loaded_at
from ops.loads where run_id = $id
