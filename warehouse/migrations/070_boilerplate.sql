-- The lines that recur on a publisher's pages are called boilerplate everywhere; the former name is a view.

alter table audit.site_memory rename to boilerplate;
comment on table audit.boilerplate is 'One row per site and line that recurs there (equal but for case, white space and numbers).';

create view audit.site_memory as
select site, line_key, text, label, pages, first_seen_at, last_seen_at, sample_capture_ids, verdict, pinned_at
from audit.boilerplate;
comment on view audit.site_memory is 'The former name of audit.boilerplate, kept for one release.';
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
