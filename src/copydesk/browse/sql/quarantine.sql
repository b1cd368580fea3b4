select capture_id::varchar as capture_id, source, uri, stage, reason, rules, measured, detail, left(excerpt, 240) as excerpt,
    attempts, first_seen_at, last_seen_at, resolved_at, resolution
from audit.quarantine
where ($source is null or source = $source)
    and ($rule is null or reason = $rule or list_contains(rules, $rule))
    and ($stage is null or stage = $stage)
    and ($resolved or resolved_at is null)
order by last_seen_at desc, source, uri
limit $limit offset $start
