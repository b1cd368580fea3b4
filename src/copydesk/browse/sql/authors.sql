-- Authors of current texts by number of articles.
with counted as (
    select ra.author_id, a.publisher_id, count(*) as articles, min(coalesce(r.published_at, a.first_seen_at)) as first_at,
        max(coalesce(r.published_at, a.first_seen_at)) as last_at
    from main.articles as a
    join main.revisions as r on r.revision_id = a.current_revision_id
    join main.revision_authors as ra on ra.revision_id = r.revision_id
    where $name is null
        or ra.author_id in (select author_id from main.authors where contains(lower(name), lower($name)))
    group by all
),
signed as (
    select author_id, sum(articles)::bigint as articles, count(*) as publishers, min(first_at) as first_at,
        max(last_at) as last_at
    from counted
    group by author_id
)
select au.name, au.kind::varchar as kind, s.articles, s.publishers, s.first_at, s.last_at
from signed as s join main.authors as au using (author_id)
order by s.articles desc, au.name
limit $limit offset $start
