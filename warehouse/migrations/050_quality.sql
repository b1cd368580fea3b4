-- What the gate remembers: each source's numbers by run, which runs are no yardstick, and what was decided on holds.

create table ops.source_stats (
    run_id varchar not null,
    source varchar not null,
    metric varchar not null,
    value double,
    inputs bigint,
    started_at timestamptz not null,
    held boolean not null,
    primary key (run_id, source, metric)
);
comment on table ops.source_stats is 'One row per run, source and metric: the history a batch is judged against.';
comment on column ops.source_stats.run_id is 'The run.';
comment on column ops.source_stats.source is 'The source.';
comment on column ops.source_stats.metric is 'captures, quarantined_share, duplicate_share, median_body_chars, ...';
comment on column ops.source_stats.value is 'Its value; shares are 0 to 1; null where there was nothing to measure.';
comment on column ops.source_stats.inputs is 'Captures of the source in the run.';
comment on column ops.source_stats.started_at is 'When the run began (UTC); history is what began on an earlier day.';
comment on column ops.source_stats.held is 'Whether the batch was held; a held batch is nobody''s yardstick.';

create table ops.incidents (
    run_id varchar not null,
    source varchar not null,
    because varchar,
    marked_at timestamptz not null,
    primary key (run_id, source)
);
comment on table ops.incidents is 'One row per run and source that a person marked as an incident: left out of history.';
comment on column ops.incidents.run_id is 'The run.';
comment on column ops.incidents.source is 'The source.';
comment on column ops.incidents.because is 'Why, as given.';
comment on column ops.incidents.marked_at is 'When it was marked (UTC).';

create table ops.holds (
    run_id varchar not null,
    source varchar not null,
    rules varchar[],
    detail varchar,
    decision varchar not null,
    decided_at timestamptz not null,
    because varchar,
    primary key (run_id, source)
);
comment on table ops.holds is 'One row per run and source whose batch was held and then decided on; what still waits lies in runs/.';
comment on column ops.holds.run_id is 'The run.';
comment on column ops.holds.source is 'The source.';
comment on column ops.holds.rules is 'The hold rules it broke.';
comment on column ops.holds.detail is 'What they measured, in words.';
comment on column ops.holds.decision is 'released or dropped.';
comment on column ops.holds.decided_at is 'When (UTC).';
comment on column ops.holds.because is 'Why, as given.';
