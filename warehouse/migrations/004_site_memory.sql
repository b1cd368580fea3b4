-- The site memory: lines that recur on a publisher's pages, counted once per page, for people to read, pin and undo.

create table audit.site_pages (
    site varchar primary key,
    pages bigint not null
);
comment on table audit.site_pages is 'One row per site: on how many pages its lines were counted.';
comment on column audit.site_pages.site is 'The publisher, as in main.publishers.';
comment on column audit.site_pages.pages is 'Pages counted.';

create table audit.site_memory (
    site varchar not null,
    line_key bigint not null,
    text varchar,
    label audit.block_label,
    pages bigint not null,
    first_seen_at timestamptz,
    last_seen_at timestamptz,
    sample_capture_ids uuid[],
    verdict varchar check (verdict in ('keep', 'cut')),
    pinned_at timestamptz
);
comment on table audit.site_memory is 'One row per site and line (case, white space and numbers apart).';
comment on column audit.site_memory.site is 'The publisher, as in main.publishers.';
comment on column audit.site_memory.line_key is 'Key of the line: hash of its text without case, white space and numbers.';
comment on column audit.site_memory.text is 'One spelling of the line; null until it has recurred among cut blocks.';
comment on column audit.site_memory.label is 'The label it was cut with most often.';
comment on column audit.site_memory.pages is 'Pages of the site with this line, each counted once.';
comment on column audit.site_memory.first_seen_at is 'When a page with it was first seen (UTC).';
comment on column audit.site_memory.last_seen_at is 'When a page with it was last seen (UTC).';
comment on column audit.site_memory.sample_capture_ids is 'Up to three captures with the line.';
comment on column audit.site_memory.verdict is 'keep or cut, where a person decided; null leaves it to the counts.';
comment on column audit.site_memory.pinned_at is 'When a person decided (UTC).';
