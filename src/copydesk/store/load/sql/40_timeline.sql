-- Validity intervals of the revisions of each touched article, recomputed from all times its bytes were seen.

-- One row per time a touched article was seen.
create or replace temp table seen as
select c.article_id, c.revision_id, t.captured_at, c.capture_id, c.source, c.uri,
    row_number() over newest_last as step,
    lag(c.revision_id) over newest_last as before_it,
    lead(t.captured_at) over newest_last as until
from audit.capture_times as t join audit.captures as c using (capture_id)
where c.outcome = 'loaded' and c.article_id in (select article_id from touched)
window newest_last as (partition by c.article_id order by t.captured_at, c.capture_id);

-- One row per living revision of a touched article.
create or replace temp table spans as
select article_id, revision_id,
    row_number() over (partition by article_id order by min(step)) as number,
    min(captured_at) as valid_from,
    null::timestamptz as valid_to,
    max(captured_at) as last_seen_at,
    count(*) as seen_count,
    arg_min(before_it, step) as previous_revision_id
from seen
group by article_id, revision_id;

-- arg_min and arg_max skip nulls, so what the first and the last step lack is set apart.
update spans set previous_revision_id = null where number = 1;
update spans as s set valid_to = n.until
from (select article_id, revision_id, until from seen qualify step = max(step) over (partition by revision_id)) as n
where n.revision_id = s.revision_id;

update main.revisions as r
set number = s.number, valid_from = s.valid_from, valid_to = s.valid_to, last_seen_at = s.last_seen_at,
    seen_count = s.seen_count, previous_revision_id = s.previous_revision_id,
    replaced_by_revision_id = null, retired_by = null
from spans as s
where s.revision_id = r.revision_id;

-- A text that no capture gives any more under today's rules is kept, retired, as long as its article lives.
update main.revisions as r
set number = null, valid_to = r.valid_from, previous_revision_id = null, title_changed = null,
    paragraphs_added = null, paragraphs_removed = null, paragraphs_edited = null,
    replaced_by_revision_id = l.replaced_by_revision_id, retired_by = coalesce(l.rules_version, r.rules_version)
from left_behind as l
where l.revision_id = r.revision_id and r.revision_id not in (select revision_id from spans);
