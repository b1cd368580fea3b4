select a.article_id::varchar as article_id, coalesce(r.published_at, a.first_seen_at) as printed_at, p.publisher, r.title
from main.authors as au
join main.revision_authors as ra using (author_id)
join main.articles as a on a.current_revision_id = ra.revision_id
join main.revisions as r on r.revision_id = a.current_revision_id
join main.publishers as p on p.publisher_id = a.publisher_id
where au.name = $name
order by printed_at desc, a.article_id
limit $limit
