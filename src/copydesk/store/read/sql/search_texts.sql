-- One row per article of one slice: the searchable text and what a search can be narrowed by.
-- Scripts without spaces are split into characters.
insert into texts
with sliced as (
    select a.article_id, a.publisher_id, a.current_revision_id as revision_id, a.source, a.first_seen_at
    from main.articles as a
    where hash(a.article_id) % $slices = $slice
),
joined as (
    select revision_id, string_agg(text, chr(10) order by position) as text
    from main.paragraphs
    where revision_id in (select revision_id from sliced)
    group by revision_id
),
signed as (
    select revision_id, list(name order by position) as authors
    from main.revision_authors join main.authors using (author_id)
    where revision_id in (select revision_id from sliced)
    group by revision_id
),
filed as (
    select revision_id, list(name order by position) as sections
    from main.revision_sections join main.sections using (section_id)
    where revision_id in (select revision_id from sliced)
    group by revision_id
)
select s.article_id::varchar, p.publisher, s.source, r.language, {kind}, coalesce(r.published_at, s.first_seen_at),
    coalesce(g.authors, []), coalesce(f.sections, []),
    regexp_replace(coalesce(r.title, ''), $unspaced, ' \1 ', 'g'),
    regexp_replace(coalesce(j.text, ''), $unspaced, ' \1 ', 'g')
from sliced as s
join main.revisions as r using (revision_id)
join main.publishers as p on p.publisher_id = s.publisher_id
left join joined as j on j.revision_id = s.revision_id
left join signed as g on g.revision_id = s.revision_id
left join filed as f on f.revision_id = s.revision_id;
