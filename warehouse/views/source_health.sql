-- One row per source: how its last run found it, what it brought, what did not get through, when it last had news.
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
    select source from brought
    union select source from stopped
    union select source from ops.source_state
    union select source from ops.source_health
)
select n.source, h.state, h.reason, h.detail, h.http_status, h.since, h.next_attempt_at, h.last_ok_at,
    coalesce(b.captures, 0) as captures, coalesce(b.loaded, 0) as loaded, coalesce(b.held, 0) as held,
    coalesce(s.in_quarantine, 0) as in_quarantine, s.most_common_reason, b.last_capture_at,
    coalesce(h.checked_at, w.checked_at) as checked_at, w.last_success_at, w.last_new_at,
    coalesce(h.failures_in_row, w.failures_in_row) as failures_in_row, w.last_outcome, w.last_reason
from names as n
left join ops.source_health as h using (source)
left join brought as b using (source)
left join stopped as s using (source)
left join ops.source_state as w using (source);
comment on view main.source_health is 'One row per source: how its last run found it, what it brought, what did not get through, when it last had news.';
comment on column main.source_health.source is 'Name of the source.';
comment on column main.source_health.loaded is 'Captures whose articles are in main.';
comment on column main.source_health.held is 'Captures that wait with their batch.';
comment on column main.source_health.in_quarantine is 'Inputs in open quarantine.';
comment on column main.source_health.most_common_reason is 'Reason of most of them.';
comment on column main.source_health.last_capture_at is 'When it last brought new bytes (UTC).';
comment on column main.source_health.state is 'ok or failing, as its last run found it.';
comment on column main.source_health.reason is 'Class of the failure, such as http_404, no_feed, empty_folder; empty when ok.';
comment on column main.source_health.detail is 'In words; of a source that is ok, what did not get through.';
comment on column main.source_health.since is 'When the state began (UTC).';
comment on column main.source_health.checked_at is 'When it was last asked (UTC).';
comment on column main.source_health.failures_in_row is 'Runs that failed since it was last ok.';
comment on column main.source_health.http_status is 'HTTP status of the answer that failed.';
