-- One row per source: when something new last came, and how often it failed since.
with seen as (
    select source, max(captured_at) as last_capture_at, count(*) as captures
    from audit.captures
    group by source
)
select coalesce(s.source, c.source) as source, s.kind, coalesce(s.last_new_at, c.last_capture_at) as last_new_at,
    s.last_success_at, coalesce(s.failures_in_row, 0) as failures_in_row, s.last_reason,
    coalesce(c.captures, 0) as captures,
    epoch(now() - coalesce(s.last_new_at, c.last_capture_at)) / 3600 as silent_hours
from ops.source_state as s full join seen as c on c.source = s.source
order by silent_hours desc nulls first, source
