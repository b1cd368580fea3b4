-- The ledger: who ran, what was loaded, what every source and address was like when last asked.
--
-- On keys, here and in every later migration. Small tables of things (one row per run, article, revision, author ...)
-- declare their primary key. Tables of parts of things (paragraphs, cut blocks ...) do not: on two million rows the
-- index made the insert take 4.4 s instead of 2.9 s and it grows with the table (bench/store_load.py). Foreign keys are
-- declared nowhere: in DuckDB they forbid deleting and re-inserting a parent inside one transaction, which is how a
-- revision is replaced. Both kinds of key are instead asked for by SQL inside the load's transaction, before its
-- commit, over all rows (copydesk/store/relations.py holds the list; `copydesk doctor` asks again).

create schema if not exists ops;
create schema if not exists audit;


-- The version-5 UUID of a kind and its parts joined by chr(31): the same value as copydesk.keys.key (a test says so).
create or replace macro main.desk_key(name) as (
    select cast(
        substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-5' || substr(h, 14, 3) || '-'
        || substr('89ab', ((strpos('0123456789abcdef', substr(h, 17, 1)) - 1) & 3) + 1, 1) || substr(h, 18, 3) || '-'
        || substr(h, 21, 12) as uuid)
    from (select sha1(unhex('6f3a5c9e6c1e5b0f9a530d4c1f5e7a21') || encode(name)) as h)
);
comment on macro main.desk_key is 'Key of a thing from its kind and parts, joined with chr(31); never from the clock.';

create type ops.run_status as enum ('running', 'finished', 'failed', 'interrupted');

create table ops.runs (
    run_id varchar primary key,
    status ops.run_status not null,
    command varchar,
    sources varchar[],
    started_at timestamptz not null,
    finished_at timestamptz,
    host varchar,
    pid bigint,
    process_started_at varchar,
    code_version varchar,
    rules_version varchar,
    settings_sha256 varchar,
    exit_code integer,
    error varchar
);
comment on table ops.runs is 'One row per run.';
comment on column ops.runs.run_id is 'Name of the run and of its folder under runs/.';
comment on column ops.runs.status is 'running, finished, failed, or interrupted (its process is gone without a last word).';
comment on column ops.runs.command is 'What was asked for: run, reprocess, load, ...';
comment on column ops.runs.sources is 'Names of the sources the run was asked to take, in order.';
comment on column ops.runs.started_at is 'When the run began (UTC).';
comment on column ops.runs.finished_at is 'When it ended, or was found dead (UTC); null while it runs.';
comment on column ops.runs.host is 'Name of the machine it ran on.';
comment on column ops.runs.pid is 'Process id on that machine.';
comment on column ops.runs.process_started_at is 'Start of that process as the kernel counts it, so a re-used process id is not mistaken for it.';
comment on column ops.runs.code_version is 'Version of Copydesk.';
comment on column ops.runs.rules_version is 'Version of the rules it worked under.';
comment on column ops.runs.settings_sha256 is 'Hash of the settings it worked under.';
comment on column ops.runs.exit_code is 'What the command ended with; null while it runs or when it was killed.';
comment on column ops.runs.error is 'The one line that names the cause, where the run failed.';

create table ops.stage_runs (
    run_id varchar not null,
    stage varchar not null,
    started_at timestamptz,
    seconds double,
    pages bigint,
    bytes bigint,
    peak_memory_bytes bigint,
    primary key (run_id, stage)
);
comment on table ops.stage_runs is 'One row per run and stage: what it cost.';
comment on column ops.stage_runs.run_id is 'The run.';
comment on column ops.stage_runs.stage is 'acquire, extract, check or publish.';
comment on column ops.stage_runs.started_at is 'When the stage began (UTC).';
comment on column ops.stage_runs.seconds is 'Wall time in seconds.';
comment on column ops.stage_runs.pages is 'Inputs it worked on.';
comment on column ops.stage_runs.bytes is 'Bytes it read.';
comment on column ops.stage_runs.peak_memory_bytes is 'Largest resident memory of the run''s processes in the stage.';

create table ops.tallies (
    run_id varchar not null,
    stage varchar not null,
    kind varchar not null,
    name varchar not null,
    inputs bigint not null
);
comment on table ops.tallies is 'One row per run, stage, kind and name: how many inputs ended how.';
comment on column ops.tallies.run_id is 'The run.';
comment on column ops.tallies.stage is 'acquire, extract, check or publish.';
comment on column ops.tallies.kind is 'outcome (captured, loaded, ...), reason (why it went no further) or cut (blocks by label).';
comment on column ops.tallies.name is 'The outcome, reason or label.';
comment on column ops.tallies.inputs is 'Number of inputs (of blocks, for cut).';

create table ops.loads (
    run_id varchar not null,
    stage varchar not null,
    part varchar not null,
    fingerprint varchar not null,
    loaded_at timestamptz not null,
    captures bigint not null,
    primary key (run_id, stage, part)
);
comment on table ops.loads is 'The ledger. One row per run and part whose rows are in the warehouse; written in the same transaction as the rows.';
comment on column ops.loads.run_id is 'The run.';
comment on column ops.loads.stage is 'The stage that wrote the part: acquire (rejections, states) or check (articles, quarantine).';
comment on column ops.loads.part is 'Folder name of the part.';
comment on column ops.loads.fingerprint is 'Hash of the part''s tables, so a part that was written anew is known.';
comment on column ops.loads.loaded_at is 'When it was loaded (UTC).';
comment on column ops.loads.captures is 'Captures the part decided on.';

create table ops.views (
    name varchar primary key,
    sha256 varchar not null
);
comment on table ops.views is 'One row per view file that stands in this warehouse.';
comment on column ops.views.name is 'Name of the file under warehouse/views, without ending.';
comment on column ops.views.sha256 is 'Hash of its text; a view whose file changed is made again.';

create table ops.source_state (
    source varchar primary key,
    kind varchar,
    checked_at timestamptz,
    last_success_at timestamptz,
    last_new_at timestamptz,
    failures_in_row integer,
    last_outcome varchar,
    last_reason varchar,
    items_seen integer,
    items_new integer
);
comment on table ops.source_state is 'One row per web source: how it was when last asked.';
comment on column ops.source_state.source is 'Name of the source.';
comment on column ops.source_state.kind is 'Kind of source: feed, sitemap, urls, ...';
comment on column ops.source_state.checked_at is 'When it was last asked (UTC).';
comment on column ops.source_state.last_success_at is 'When it last answered (UTC).';
comment on column ops.source_state.last_new_at is 'When it last brought an address not known before (UTC).';
comment on column ops.source_state.failures_in_row is 'Failures since the last success.';
comment on column ops.source_state.last_outcome is 'How the last asking ended.';
comment on column ops.source_state.last_reason is 'Why, where it did not end well.';
comment on column ops.source_state.items_seen is 'Addresses it named in its last successful run.';
comment on column ops.source_state.items_new is 'Those of them that were not known before.';

create table ops.address_state (
    source varchar not null,
    uri varchar not null,
    purpose varchar,
    url varchar,
    etag varchar,
    last_modified varchar,
    sha256 varchar,
    http_status integer,
    first_seen_at timestamptz,
    checked_at timestamptz,
    last_success_at timestamptz,
    last_changed_at timestamptz,
    failures_in_row integer,
    last_outcome varchar,
    last_reason varchar,
    next_allowed_at timestamptz,
    due_at timestamptz,
    interval_s bigint,
    primary key (source, uri)
);
comment on table ops.address_state is 'One row per source and web address: how it was when last asked.';
comment on column ops.address_state.source is 'Name of the source.';
comment on column ops.address_state.uri is 'Canonical address.';
comment on column ops.address_state.purpose is 'page, feed or sitemap.';
comment on column ops.address_state.url is 'The address as it is asked for.';
comment on column ops.address_state.etag is 'ETag of the last answer.';
comment on column ops.address_state.last_modified is 'Last-Modified of the last answer, as sent.';
comment on column ops.address_state.sha256 is 'Hash of the last body.';
comment on column ops.address_state.http_status is 'Status of the last answer.';
comment on column ops.address_state.first_seen_at is 'When the address was first known (UTC).';
comment on column ops.address_state.checked_at is 'When it was last asked (UTC).';
comment on column ops.address_state.last_success_at is 'When it last answered (UTC).';
comment on column ops.address_state.last_changed_at is 'When its bytes last changed (UTC).';
comment on column ops.address_state.failures_in_row is 'Failures since the last success.';
comment on column ops.address_state.last_outcome is 'How the last asking ended.';
comment on column ops.address_state.last_reason is 'Why, where it did not end well.';
comment on column ops.address_state.next_allowed_at is 'Nobody asks before (Retry-After, back-off).';
comment on column ops.address_state.due_at is 'Due again by adaptive polling; a run by hand may ask before.';
comment on column ops.address_state.interval_s is 'The adaptive interval behind due_at, in seconds.';

create table ops.fetch_log (
    run_id varchar not null,
    source varchar,
    uri varchar,
    purpose varchar,
    url varchar,
    outcome varchar,
    reason varchar,
    detail varchar,
    http_status integer,
    wire_bytes bigint,
    body_bytes bigint,
    elapsed_ms bigint,
    redirects integer,
    attempts integer,
    started_at timestamptz,
    retry_at timestamptz,
    opt_outs varchar
);
comment on table ops.fetch_log is 'One row per run and address asked for, robots.txt, feeds and sitemaps included.';
comment on column ops.fetch_log.run_id is 'The run.';
comment on column ops.fetch_log.source is 'Name of the source.';
comment on column ops.fetch_log.uri is 'Canonical address; with purpose, the thing that was asked for.';
comment on column ops.fetch_log.purpose is 'page, feed, sitemap, robots, tdmrep or discovery.';
comment on column ops.fetch_log.url is 'The address that answered, after redirects.';
comment on column ops.fetch_log.outcome is 'captured, unchanged, skipped, refused, failed or deferred.';
comment on column ops.fetch_log.reason is 'Class of the failure; empty when captured.';
comment on column ops.fetch_log.detail is 'In words.';
comment on column ops.fetch_log.http_status is 'Status of the answer.';
comment on column ops.fetch_log.wire_bytes is 'Body bytes as they came, still compressed.';
comment on column ops.fetch_log.body_bytes is 'Body bytes, decompressed.';
comment on column ops.fetch_log.elapsed_ms is 'From asking to the last byte, in milliseconds.';
comment on column ops.fetch_log.redirects is 'Redirects followed.';
comment on column ops.fetch_log.attempts is 'Times it was asked.';
comment on column ops.fetch_log.started_at is 'When it was asked (UTC).';
comment on column ops.fetch_log.retry_at is 'When it may be asked again (UTC).';
comment on column ops.fetch_log.opt_outs is 'Comma-separated signs that its owner opts out: noai, noindex, tdm; empty without any.';
