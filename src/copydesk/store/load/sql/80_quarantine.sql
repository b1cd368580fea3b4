-- Quarantine: insert rejected captures or count another attempt; resolve those accepted or superseded.
merge into audit.quarantine as q
using new_rejected as n
on q.capture_id = n.capture_id
when matched then update set
    stage = n.stage, reason = n.reason, rules = n.rules, measured = n.measured, detail = n.detail, excerpt = n.excerpt,
    attempts = q.attempts + (q.last_run_id <> getvariable('run_id'))::integer,
    first_seen_at = least(q.first_seen_at, coalesce(n.captured_at, getvariable('run_started_at'))),
    last_seen_at = greatest(q.last_seen_at, coalesce(n.captured_at, getvariable('run_started_at'))),
    last_run_id = getvariable('run_id'), resolved_at = null, resolution = null
when not matched then insert
    (capture_id, source, uri, stage, reason, rules, measured, detail, excerpt, attempts, first_seen_at, last_seen_at,
     first_run_id, last_run_id)
values
    (n.capture_id, n.source, n.uri, n.stage, n.reason, n.rules, n.measured, n.detail, n.excerpt, 1,
     coalesce(n.captured_at, getvariable('run_started_at')), coalesce(n.captured_at, getvariable('run_started_at')),
     getvariable('run_id'), getvariable('run_id'));

update audit.quarantine
set resolved_at = getvariable('loaded_at'), resolution = 'loaded', last_run_id = getvariable('run_id')
where resolved_at is null and capture_id in (select capture_id from new_articles);

-- Later bytes of the same page got through: the earlier ones need no one's attention any more.
update audit.quarantine as q
set resolved_at = getvariable('loaded_at'), resolution = 'superseded'
from (
    select source, uri, max(captured_at) as captured_at
    from audit.captures
    where outcome = 'loaded' and (source, uri) in (select source, uri from new_captures)
    group by source, uri
) as c
where q.resolved_at is null and q.source = c.source and q.uri = c.uri and q.last_seen_at <= c.captured_at;
