-- One row per story of the articles $1 (ids), the $2 that were seen last; columns in the order of FeedItem's fields.
with hits as (
    select distinct h.article_id, s.story_id
    from (select unnest($1::varchar[])::uuid as article_id) as h
    left join main.story_articles as s using (article_id)
),
members as (
    select s.story_id, arg_min(s.article_id, (a.first_seen_at, s.article_id)) as first_article_id,
        min(a.first_seen_at) as first_seen_at, list(distinct p.publisher order by p.publisher) as publishers
    from main.story_articles as s
    join main.articles as a using (article_id)
    join main.publishers as p on p.publisher_id = a.publisher_id
    where s.story_id in (select story_id from hits)
    group by s.story_id
),
shown as (
    select coalesce(m.first_article_id, h.article_id) as item, coalesce(m.first_seen_at, a.first_seen_at) as seen_at,
        coalesce(r.published_at, a.first_seen_at) as printed_at, m.publishers, a.article_id, a.publisher_id,
        a.current_revision_id as revision_id, a.first_seen_at, a.address, a.uri
    from hits as h
    join main.articles as a using (article_id)
    join main.revisions as r on r.revision_id = a.current_revision_id
    left join members as m using (story_id)
    qualify row_number() over (partition by item order by printed_at, h.article_id) = 1
),
chosen as (
    from shown order by seen_at desc, item limit $2
),
signed as (
    select revision_id, list(name order by position) as authors
    from main.revision_authors join main.authors using (author_id)
    where revision_id in (select revision_id from chosen)
    group by revision_id
),
filed as (
    select revision_id, arg_max(path, position) as section_path
    from main.revision_sections join main.sections using (section_id)
    where revision_id in (select revision_id from chosen)
    group by revision_id
),
texts as (
    select revision_id, string_agg(text, chr(10) || chr(10) order by position) as text
    from main.paragraphs
    where revision_id in (select revision_id from chosen)
    group by revision_id
)
select c.item::varchar, c.seen_at, coalesce(r.valid_from, c.first_seen_at), c.printed_at, c.article_id::varchar, r.title,
    p.publisher, g.authors, f.section_path, r.language, c.address, c.uri,
    list_filter(c.publishers, lambda name: name <> p.publisher), coalesce(t.text, '')
from chosen as c
join main.revisions as r using (revision_id)
join main.publishers as p on p.publisher_id = c.publisher_id
left join signed as g using (revision_id)
left join filed as f using (revision_id)
left join texts as t using (revision_id)
order by c.seen_at desc, c.item;
