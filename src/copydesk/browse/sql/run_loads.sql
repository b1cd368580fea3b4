-- Parts of the stage `acquire` hold the same pages once more.
select count(*) as parts, coalesce(sum(captures) filter (where stage = 'check'), 0)::bigint as captures, max(loaded_at) as loaded_at
from ops.loads where run_id = $id
