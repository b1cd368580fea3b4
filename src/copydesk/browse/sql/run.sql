select run_id, status::varchar as status, command, sources, started_at, finished_at, host, code_version, rules_version,
    exit_code, error
from ops.runs where run_id = $id
