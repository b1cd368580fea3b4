-- One row per capture that waits in quarantine, latest first.
select capture_id::varchar as capture_id, source, uri, stage, reason, rules, measured, detail, excerpt, attempts,
    first_seen_at, last_seen_at, first_run_id, last_run_id, resolved_at, resolution
from audit.quarantine
where ($1 is null or source = $1)
    and ($2 is null or reason = $2 or list_contains(rules, $2))
    and ($3 is null or stage = $3)
    and ($4 is null or starts_with(capture_id::varchar, $4) or contains(uri, $4))
    and ($5 or resolved_at is null)
order by last_seen_at desc, source, uri
limit $6
