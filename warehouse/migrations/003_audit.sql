-- audit: every capture and where it ended, every line that was cut, every candidate, every broken rule.

create type audit.block_label as enum (
    'title', 'title_duplicate', 'heading', 'body', 'caption', 'byline', 'date', 'source_credit', 'section',
    'breadcrumb', 'related', 'comment', 'comment_form', 'comment_count', 'share', 'newsletter', 'site_notice', 'nav',
    'advert', 'blank', 'other'
);
create type audit.severity as enum ('error', 'hold', 'warn', 'info');
create type audit.outcome as enum ('loaded', 'quarantined', 'held');

create table audit.captures (
    capture_id uuid primary key,
    source varchar not null,
    uri varchar not null,
    url varchar,
    sha256 varchar not null,
    media_type varchar,
    charset varchar,
    size_bytes bigint,
    captured_at timestamptz not null,
    path varchar,
    carrier varchar,
    member varchar,
    "offset" bigint,
    length bigint,
    http_status integer,
    etag varchar,
    last_modified varchar,
    modified_ns bigint,
    title_hint varchar,
    published_hint varchar,
    outcome audit.outcome not null,
    article_id uuid,
    revision_id uuid,
    rules_version varchar,
    run_id varchar not null
);
comment on table audit.captures is 'One row per source, uri and content: the bytes as seen, where they lie, where they ended.';
comment on column audit.captures.capture_id is 'Key of the capture.';
comment on column audit.captures.source is 'Source that brought it.';
comment on column audit.captures.uri is 'Canonical address, or path relative to the source''s root.';
comment on column audit.captures.url is 'Web address of the page, where known.';
comment on column audit.captures.sha256 is 'Hash of the bytes.';
comment on column audit.captures.media_type is 'text/plain, text/html, ...';
comment on column audit.captures.charset is 'As its carrier declares it.';
comment on column audit.captures.size_bytes is 'Length of the uncompressed bytes.';
comment on column audit.captures.captured_at is 'When they were last seen (UTC); audit.capture_times has every time.';
comment on column audit.captures.path is 'File they lie in: relative to the desk''s folder when inside it.';
comment on column audit.captures.carrier is 'How they lie in the file: file, gzip, zip, tar, warc, jsonl, mhtml, eml.';
comment on column audit.captures.member is 'Member or part inside the file.';
comment on column audit.captures."offset" is 'Byte offset of the record in the file.';
comment on column audit.captures.length is 'Bytes from the offset; 0 where the file is the document.';
comment on column audit.captures.http_status is 'Status of the answer.';
comment on column audit.captures.etag is 'ETag of the answer.';
comment on column audit.captures.last_modified is 'Last-Modified of the answer, as sent.';
comment on column audit.captures.modified_ns is 'The file''s mtime in nanoseconds; 0 for the web.';
comment on column audit.captures.title_hint is 'Title as the feed gives it.';
comment on column audit.captures.published_hint is 'Date as the feed gives it.';
comment on column audit.captures.outcome is 'Where it ended: loaded, quarantined, or held with its batch.';
comment on column audit.captures.article_id is 'The article it became; null unless loaded.';
comment on column audit.captures.revision_id is 'The text it became under the rules applied last; null unless loaded.';
comment on column audit.captures.rules_version is 'Version of those rules; null unless loaded.';
comment on column audit.captures.run_id is 'The run that decided on it last.';

create table audit.capture_times (
    capture_id uuid not null,
    captured_at timestamptz not null
);
comment on table audit.capture_times is 'One row per capture and time at which its bytes were seen as new.';
comment on column audit.capture_times.capture_id is 'The capture.';
comment on column audit.capture_times.captured_at is 'When (UTC).';

create table audit.sightings (
    source varchar not null,
    uri varchar not null,
    feed varchar not null,
    seen_at timestamptz,
    title_hint varchar,
    published_hint varchar
);
comment on table audit.sightings is 'One row per source, page and feed (or sitemap, or list) that named it.';
comment on column audit.sightings.source is 'Name of the source.';
comment on column audit.sightings.uri is 'Canonical address of the page.';
comment on column audit.sightings.feed is 'Address of the feed, sitemap or list.';
comment on column audit.sightings.seen_at is 'When it first named the page (UTC).';
comment on column audit.sightings.title_hint is 'Title it gave.';
comment on column audit.sightings.published_hint is 'Date it gave.';

create table audit.cut_blocks (
    capture_id uuid not null,
    number integer not null,
    label audit.block_label not null,
    rule varchar not null,
    confidence double,
    runner_up audit.block_label,
    place varchar,
    text varchar not null
);
comment on table audit.cut_blocks is 'One row per loaded capture and visible block that is not in the article.';
comment on column audit.cut_blocks.capture_id is 'The capture.';
comment on column audit.cut_blocks.number is 'Position on the page, from 1; the line number for plain text.';
comment on column audit.cut_blocks.label is 'What the block is.';
comment on column audit.cut_blocks.rule is 'Id of the rule that decided.';
comment on column audit.cut_blocks.confidence is 'Certainty of the decision, 0.5 to 1.';
comment on column audit.cut_blocks.runner_up is 'The second-best label, if there was a contest.';
comment on column audit.cut_blocks.place is 'Where it stands in the page''s tree; null for plain text.';
comment on column audit.cut_blocks.text is 'The block''s text.';

create table audit.evidence (
    capture_id uuid not null,
    field varchar not null,
    position integer not null,
    value varchar,
    source varchar,
    chosen boolean not null,
    reason varchar
);
comment on table audit.evidence is 'One row per loaded capture, field and candidate.';
comment on column audit.evidence.capture_id is 'The capture.';
comment on column audit.evidence.field is 'title, author, published, section, ...';
comment on column audit.evidence.position is 'Order of the candidates, from 1.';
comment on column audit.evidence.value is 'The candidate.';
comment on column audit.evidence.source is 'Where it came from: json-ld, og, meta, byline, url, text, feed, ...';
comment on column audit.evidence.chosen is 'Whether it won.';
comment on column audit.evidence.reason is 'Why, in words.';

create table audit.findings (
    run_id varchar not null,
    capture_id uuid,
    rule varchar not null,
    severity audit.severity not null,
    value double,
    detail varchar
);
comment on table audit.findings is 'One row per capture and broken rule; per run and rule for what concerns a whole batch.';
comment on column audit.findings.run_id is 'The run that found it.';
comment on column audit.findings.capture_id is 'The capture; null for a rule about a batch.';
comment on column audit.findings.rule is 'Id of the rule.';
comment on column audit.findings.severity is 'error quarantines, hold keeps the batch back, warn and info load.';
comment on column audit.findings.value is 'What was measured.';
comment on column audit.findings.detail is 'In words.';

create table audit.quarantine (
    capture_id uuid primary key,
    source varchar not null,
    uri varchar not null,
    stage varchar not null,
    reason varchar not null,
    rules varchar[],
    measured double[],
    detail varchar,
    excerpt varchar,
    attempts integer not null,
    first_seen_at timestamptz,
    last_seen_at timestamptz,
    first_run_id varchar not null,
    last_run_id varchar not null,
    resolved_at timestamptz,
    resolution varchar
);
comment on table audit.quarantine is 'One row per capture that did not get through, kept when it is resolved; view quarantine_open has the open ones.';
comment on column audit.quarantine.capture_id is 'The capture (key of source and uri where no bytes were read).';
comment on column audit.quarantine.source is 'Source that brought it.';
comment on column audit.quarantine.uri is 'Canonical address or relative path.';
comment on column audit.quarantine.stage is 'Stage that stopped it: acquire, extract or check.';
comment on column audit.quarantine.reason is 'The first broken rule, or the defect: binary, too_short, time_limit, ...';
comment on column audit.quarantine.rules is 'All broken rules.';
comment on column audit.quarantine.measured is 'What each of them measured, in the same order.';
comment on column audit.quarantine.detail is 'In words.';
comment on column audit.quarantine.excerpt is 'First 300 characters of its text.';
comment on column audit.quarantine.attempts is 'Number of runs that tried it.';
comment on column audit.quarantine.first_seen_at is 'When its bytes were first seen (UTC); the run''s start where none were read.';
comment on column audit.quarantine.last_seen_at is 'When its bytes were last seen (UTC).';
comment on column audit.quarantine.first_run_id is 'The first run that stopped it.';
comment on column audit.quarantine.last_run_id is 'The last run that tried it.';
comment on column audit.quarantine.resolved_at is 'When it was resolved (UTC); null while open.';
comment on column audit.quarantine.resolution is 'How: loaded, dropped, superseded; null while open.';

create table audit.forgotten (
    kind varchar not null,
    value varchar not null,
    forgotten_at timestamptz not null,
    reason varchar,
    primary key (kind, value)
);
comment on table audit.forgotten is 'One row per address, path or publisher that was taken out on request and is kept out.';
comment on column audit.forgotten.kind is 'uri (address, or source and path) or publisher.';
comment on column audit.forgotten.value is 'SHA-256 of the uri (of source, a line feed and the path for files), so that the request is not itself a record; a publisher by name.';
comment on column audit.forgotten.forgotten_at is 'When (UTC).';
comment on column audit.forgotten.reason is 'Why, as given.';
