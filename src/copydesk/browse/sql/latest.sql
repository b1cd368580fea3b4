-- The latest articles, for the time until there is a search index.
select a.article_id::varchar as article_id
from main.articles as a
join main.revisions as r on r.revision_id = a.current_revision_id
join main.publishers as p on p.publisher_id = a.publisher_id
where ($publisher is null or p.publisher = $publisher) and ($source is null or a.source = $source)
    and ($language is null or r.language = $language)
order by coalesce(r.published_at, a.first_seen_at) desc, a.article_id
limit $limit
