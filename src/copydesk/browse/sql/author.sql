select p.publisher, count(*) as articles, min(coalesce(r.published_at, a.first_seen_at)) as first_at,
    max(coalesce(r.published_at, a.first_seen_at)) as last_at
from main.authors as au
join main.revision_authors as ra using (author_id)
join main.articles as a on a.current_revision_id = ra.revision_id
join main.revisions as r on r.revision_id = a.current_revision_id
join main.publishers as p on p.publisher_id = a.publisher_id
where au.name = $name
group by all
order by articles desc, p.publisher
limit 50
