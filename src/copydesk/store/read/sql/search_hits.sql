-- One row per article of a list: what a hit shows, but for its text.
with wanted as (
    select a.* from main.articles as a where a.article_id in (select unnest($ids::varchar[])::uuid)
),
signed as (
    select revision_id, list(name order by position) as authors
    from main.revision_authors join main.authors using (author_id)
    where revision_id in (select current_revision_id from wanted)
    group by revision_id
),
filed as (
    select revision_id, arg_max(path, position) as section_path
    from main.revision_sections join main.sections using (section_id)
    where revision_id in (select current_revision_id from wanted)
    group by revision_id
),
told as (
    select sa.article_id, s.story_id, s.publisher_count
    from main.story_articles as sa join main.stories as s using (story_id)
    where sa.article_id in (select article_id from wanted)
)
select a.article_id::varchar, p.publisher, r.title, r.published_at, coalesce(a.address, a.uri), a.source, r.language,
    g.authors, f.section_path, r.body_words, coalesce(r.published_at, a.first_seen_at), t.story_id::varchar,
    t.publisher_count, r.revision_id::varchar
from wanted as a
join main.revisions as r on r.revision_id = a.current_revision_id
join main.publishers as p on p.publisher_id = a.publisher_id
left join signed as g on g.revision_id = r.revision_id
left join filed as f on f.revision_id = r.revision_id
left join told as t on t.article_id = a.article_id
