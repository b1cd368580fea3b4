-- One row per article that had been seen by the given moment: the text it had then.
create or replace macro main.article_text_at(moment) as table
with then_current as (
    select c.article_id, arg_max(c.revision_id, (t.captured_at, c.capture_id)) as revision_id,
        max(t.captured_at) as seen_at
    from audit.capture_times as t join audit.captures as c using (capture_id)
    where c.outcome = 'loaded' and t.captured_at <= cast(moment as timestamptz)
    group by c.article_id
),
texts as (
    select revision_id, string_agg(text, chr(10) || chr(10) order by position) as text
    from main.paragraphs
    where revision_id in (select revision_id from then_current)
    group by revision_id
)
select n.article_id, n.revision_id, p.publisher, r.title, r.language, r.published_at, a.address, a.source, a.uri,
    n.seen_at, coalesce(t.text, '') as text
from then_current as n
join main.revisions as r on r.revision_id = n.revision_id
join main.articles as a on a.article_id = n.article_id
join main.publishers as p on p.publisher_id = r.publisher_id
left join texts as t on t.revision_id = n.revision_id;
comment on macro table main.article_text_at is 'One row per article seen by the given moment: the text it had then.';
