-- Stories of several publishers: the widest first, or the latest.
with chosen as (
    select * from main.stories
    where publisher_count >= $least
    order by case when $latest then null else publisher_count end desc nulls last, last_seen_at desc, story_id
    limit $limit offset $start
)
select s.story_id::varchar as story_id, s.article_count as articles, s.publisher_count as publishers,
    s.first_seen_at as first_at, s.last_seen_at as last_at, p.publisher as first_publisher, r.title, r.language
from chosen as s
join main.articles as a on a.article_id = s.first_article_id
join main.revisions as r on r.revision_id = a.current_revision_id
join main.publishers as p on p.publisher_id = a.publisher_id
order by case when $latest then null else s.publisher_count end desc nulls last, s.last_seen_at desc, s.story_id
