-- The latest articles, for the time until there is a search index.
with latest as (
    select a.*, r.title, r.language, r.body_words, r.published_at, coalesce(r.published_at, a.first_seen_at) as printed_at
    from main.articles as a
    join main.revisions as r on r.revision_id = a.current_revision_id
    join main.publishers as p on p.publisher_id = a.publisher_id
    where ($publisher is null or p.publisher = $publisher) and ($source is null or a.source = $source)
        and ($language is null or r.language = $language)
    order by printed_at desc, a.article_id
    limit $limit
)
select l.article_id::varchar as article_id, p.publisher, l.title, l.published_at, l.printed_at,
    coalesce(l.address, l.uri) as uri, l.source, l.language, l.body_words, null as story_id, 1 as printed_by,
    (select list(name order by position) from main.revision_authors join main.authors using (author_id)
        where revision_id = l.current_revision_id) as authors,
    [] as section_path,
    coalesce((select left(string_agg(text, ' ' order by position), 220) from main.paragraphs
        where revision_id = l.current_revision_id), '') as excerpt
from latest as l join main.publishers as p on p.publisher_id = l.publisher_id
order by l.printed_at desc, l.article_id
