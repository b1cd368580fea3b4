-- Why a page was fetched, and whether all of it came.

alter table audit.captures add column asked_because varchar;
comment on column audit.captures.asked_because is 'Why the URL was fetched: new in feed, newer date in sitemap, check again after N days, retry after REASON, listed; null for files.';

alter table audit.captures add column truncation varchar;
comment on column audit.captures.truncation is 'Why the bytes are known to be incomplete, e.g. fewer than Content-Length announced; null otherwise.';
