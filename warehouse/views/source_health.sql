-- One row per source: what it brought, what did not get through, when it was last asked and last had news.
create or replace view main.source_health as
with brought as (
    select source, count(*) as captures, count(*) filter (outcome = 'loaded') as loaded,
        count(*) filter (outcome = 'held') as held, max(captured_at) as last_capture_at
    from audit.captures
    group by source
),
stopped as (
    select source, count(*) as in_quarantine, mode(reason) as most_common_reason
    from audit.quarantine
    where resolved_at is null
    group by source
),
names as (
    select source from brought union select source from stopped union select source from ops.source_state
)
select n.source, coalesce(b.captures, 0) as captures, coalesce(b.loaded, 0) as loaded, coalesce(b.held, 0) as held,
    coalesce(s.in_quarantine, 0) as in_quarantine, s.most_common_reason, b.last_capture_at, w.checked_at,
    w.last_success_at, w.last_new_at, w.failures_in_row, w.last_outcome, w.last_reason
from names as n
left join brought as b using (source)
left join stopped as s using (source)
left join ops.source_state as w using (source);
comment on view main.source_health is 'One row per source: what it brought, what did not get through, when it last had news.';
comment on column main.source_health.source is 'Name of the source.';
comment on column main.source_health.loaded is 'Captures whose articles are in main.';
comment on column main.source_health.held is 'Captures that wait with their batch.';
comment on column main.source_health.in_quarantine is 'Inputs in open quarantine.';
comment on column main.source_health.most_common_reason is 'Reason of most of them.';
comment on column main.source_health.last_capture_at is 'When it last brought new bytes (UTC).';
