-- One row per capture that is quarantined and unresolved.
create or replace view main.quarantine_open as
select q.source, q.uri, q.stage, q.reason, q.rules, q.measured, q.detail, q.attempts, q.first_seen_at, q.last_seen_at,
    q.last_run_id, q.excerpt, q.capture_id
from audit.quarantine as q
where q.resolved_at is null;
comment on view main.quarantine_open is 'One row per capture that is quarantined and unresolved.';
comment on column main.quarantine_open.source is 'Source that brought it.';
comment on column main.quarantine_open.uri is 'Address or path.';
comment on column main.quarantine_open.stage is 'Stage that stopped it.';
comment on column main.quarantine_open.reason is 'The first broken rule, or the defect.';
comment on column main.quarantine_open.attempts is 'Number of runs that tried it.';
comment on column main.quarantine_open.first_seen_at is 'When it was first seen (UTC).';
comment on column main.quarantine_open.last_seen_at is 'When it was last seen (UTC).';
comment on column main.quarantine_open.capture_id is 'The capture.';
comment on column main.quarantine_open.rules is 'All broken rules.';
comment on column main.quarantine_open.detail is 'In words.';
