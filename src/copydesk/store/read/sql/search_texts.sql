-- One row per article of one slice: the searchable text; scripts without spaces are split into characters.
insert into texts
with sliced as (
    select a.article_id, a.publisher_id, a.current_revision_id as revision_id
    from main.articles as a
    where hash(a.article_id) % $slices = $slice
),
joined as (
    select revision_id, string_agg(text, chr(10) order by position) as text
    from main.paragraphs
    where revision_id in (select revision_id from sliced)
    group by revision_id
)
select s.article_id::varchar, p.publisher, r.language,
    regexp_replace(coalesce(r.title, ''), $unspaced, ' \1 ', 'g'),
    regexp_replace(coalesce(j.text, ''), $unspaced, ' \1 ', 'g')
from sliced as s
join main.revisions as r using (revision_id)
join main.publishers as p on p.publisher_id = s.publisher_id
left join joined as j on j.revision_id = s.revision_id;
