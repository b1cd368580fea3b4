-- Times that are no yardstick, and troubles with a life: opened, acknowledged, muted, closed.

create table ops.marked_times (
    number bigint primary key,
    source varchar,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    because varchar,
    marked_at timestamptz not null,
    marked_by varchar not null
);
comment on table ops.marked_times is 'One row per time that a person marked, such as a holiday: its runs are left out of history, and their volume is not judged.';
comment on column ops.marked_times.number is '1 for the first.';
comment on column ops.marked_times.source is 'The source; null for all.';
comment on column ops.marked_times.starts_at is 'Start (UTC).';
comment on column ops.marked_times.ends_at is 'End (UTC), not included.';
comment on column ops.marked_times.because is 'Why, as given.';
comment on column ops.marked_times.marked_at is 'When it was marked (UTC).';
comment on column ops.marked_times.marked_by is 'Who, as in audit.decisions.';

create table ops.troubles (
    number bigint primary key,
    source varchar not null,
    trouble varchar not null,
    severity varchar not null,
    owner varchar,
    dimension varchar,
    tags varchar[],
    detail varchar,
    opened_at timestamptz not null,
    opened_run varchar,
    seen_at timestamptz not null,
    seen_run varchar,
    observations bigint not null,
    acknowledged_at timestamptz,
    acknowledged_by varchar,
    note varchar,
    muted_until timestamptz,
    closed_at timestamptz,
    closed_run varchar
);
comment on table ops.troubles is 'One row per trouble of a source from its begin to its end; `copydesk incidents` shows and acknowledges them.';
comment on column ops.troubles.number is '1 for the first; `copydesk incidents show NUMBER`.';
comment on column ops.troubles.source is 'The source.';
comment on column ops.troubles.trouble is 'failing, held, silent, failed, quarantined, or the id of the batch rule that its runs break.';
comment on column ops.troubles.severity is 'hold, error, warn or info.';
comment on column ops.troubles.owner is 'Who looks after the rule; null when nobody is named.';
comment on column ops.troubles.dimension is 'What suffers: accuracy, completeness, consistency, timeliness, uniqueness or validity.';
comment on column ops.troubles.tags is 'Tags of the rule.';
comment on column ops.troubles.detail is 'What was measured, in words, when it was last seen.';
comment on column ops.troubles.opened_at is 'When it was first seen (UTC).';
comment on column ops.troubles.opened_run is 'The run that saw it first; null when no run did.';
comment on column ops.troubles.seen_at is 'When it was last seen (UTC).';
comment on column ops.troubles.seen_run is 'The run that saw it last.';
comment on column ops.troubles.observations is 'How many runs have seen it.';
comment on column ops.troubles.acknowledged_at is 'When a person acknowledged it (UTC); null before.';
comment on column ops.troubles.acknowledged_by is 'Who, as in audit.decisions.';
comment on column ops.troubles.note is 'What that person noted.';
comment on column ops.troubles.muted_until is 'No notification is sent before (UTC); null: it is not muted.';
comment on column ops.troubles.closed_at is 'When it was over (UTC); null while it lasts.';
comment on column ops.troubles.closed_run is 'The run that found it over; null when no run did.';

comment on column audit.decisions.decision is 'restore, unrestore, accept, unaccept, drop, pin_keep, pin_cut, unpin, release, drop_batch, mark_incident, mark_time, unmark_time, acknowledge, mute or unmute.';
