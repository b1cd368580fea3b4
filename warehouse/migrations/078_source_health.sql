-- How each source was in its last run, and when that changed.

create table ops.source_health (
    source varchar primary key,
    state varchar not null,
    concern varchar,
    reason varchar,
    detail varchar,
    http_status integer,
    since timestamptz,
    failures_in_row integer not null,
    checked_at timestamptz,
    last_ok_at timestamptz,
    next_attempt_at timestamptz,
    moved_to varchar,
    run_id varchar
);
comment on table ops.source_health is 'One row per source: how its last run found it.';
comment on column ops.source_health.source is 'Name of the source.';
comment on column ops.source_health.state is 'ok or failing; held, paused and silent are added where it is shown.';
comment on column ops.source_health.concern is 'What fails: run, list (feed, sitemap, folder), pages or text; empty when ok.';
comment on column ops.source_health.reason is 'Class of the failure, such as http_404, no_feed, empty_folder; empty when ok.';
comment on column ops.source_health.detail is 'In words; of a source that is ok, what did not get through.';
comment on column ops.source_health.http_status is 'HTTP status of the answer that failed.';
comment on column ops.source_health.since is 'When the state began (UTC).';
comment on column ops.source_health.failures_in_row is 'Runs that failed since it was last ok; runs that asked nothing are not counted.';
comment on column ops.source_health.checked_at is 'When a run last judged it (UTC).';
comment on column ops.source_health.last_ok_at is 'When it was last found ok (UTC).';
comment on column ops.source_health.next_attempt_at is 'Nobody asks before (UTC); null: at the next run.';
comment on column ops.source_health.moved_to is 'Address that permanent redirects lead to; empty without any.';
comment on column ops.source_health.run_id is 'The run that found it so.';

create table ops.source_health_changes (
    source varchar not null,
    changed_at timestamptz not null,
    run_id varchar,
    state varchar not null,
    reason varchar,
    detail varchar,
    http_status integer,
    primary key (source, changed_at)
);
comment on table ops.source_health_changes is 'One row per source and change of its state or reason.';
comment on column ops.source_health_changes.source is 'Name of the source.';
comment on column ops.source_health_changes.changed_at is 'When (UTC).';
comment on column ops.source_health_changes.run_id is 'The run that found it.';
comment on column ops.source_health_changes.state is 'The new state: ok or failing.';
comment on column ops.source_health_changes.reason is 'Class of the failure; empty when ok.';
comment on column ops.source_health_changes.detail is 'In words.';
comment on column ops.source_health_changes.http_status is 'HTTP status of the answer that failed.';

insert into ops.source_health by name
select source, case when failures_in_row > 0 then 'failing' else 'ok' end as state,
    case when failures_in_row > 0 then 'list' end as concern, case when failures_in_row > 0 then last_reason end as reason,
    coalesce(last_success_at, checked_at) as since, coalesce(failures_in_row, 0) as failures_in_row, checked_at,
    last_success_at as last_ok_at
from ops.source_state;
