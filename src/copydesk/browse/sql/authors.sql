-- Authors of current texts by number of articles.
with signed as (
    select ra.author_id, a.publisher_id, coalesce(r.published_at, a.first_seen_at) as printed_at
    from main.articles as a
    join main.revisions as r on r.revision_id = a.current_revision_id
    join main.revision_authors as ra on ra.revision_id = r.revision_id
)
select au.name, au.kind::varchar as kind, count(*) as articles, count(distinct s.publisher_id) as publishers,
    min(s.printed_at) as first_at, max(s.printed_at) as last_at
from signed as s join main.authors as au using (author_id)
where $name is null or contains(lower(au.name), lower($name))
group by all
order by articles desc, au.name
limit $limit offset $start
