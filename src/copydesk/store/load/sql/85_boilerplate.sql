-- Add the line counts of the run to the boilerplate, once per capture (`counting`), with the ledger row of its part.
merge into audit.site_pages as m
using (select site, sum(pages)::bigint as pages from in_line_counts where line_key is null group by site) as n
on m.site = n.site
when matched then update set pages = m.pages + n.pages
when not matched then insert (site, pages) values (n.site, n.pages);

create or replace temp table new_lines as
select site, line_key, sum(pages)::bigint as pages,
    (select min(captured_at) from new_captures) as first_seen_at,
    (select max(captured_at) from new_captures) as last_seen_at
from in_line_counts
where line_key is not null
group by site, line_key;

merge into audit.boilerplate as m
using new_lines as n
on m.site = n.site and m.line_key = n.line_key
when matched then update set
    pages = m.pages + n.pages, first_seen_at = least(m.first_seen_at, n.first_seen_at),
    last_seen_at = greatest(m.last_seen_at, n.last_seen_at)
when not matched then insert (site, line_key, pages, first_seen_at, last_seen_at)
values (n.site, n.line_key, n.pages, n.first_seen_at, n.last_seen_at);

create or replace temp table lines_unread as
select capture_id::uuid as capture_id from counting where unread and not (counted_before or pending or repeated);

update audit.captures as c
set lines_pending = true
from lines_unread as u
where u.capture_id = c.capture_id;

create or replace temp table lines_read as
select capture_id::uuid as capture_id from counting where pending and not (unread or repeated);

update audit.captures as c
set lines_pending = null
from lines_read as r
where r.capture_id = c.capture_id;
