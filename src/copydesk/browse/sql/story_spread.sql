-- The articles of one story: as the view story_spread, over the articles of this story alone.
with members as (
    select sa.position, sa.article_id, sa.similarity, p.publisher, r.title, r.agency, r.credit, r.body_words,
        coalesce(r.published_at, a.first_seen_at) as printed_at, r.published_at is not null as dated
    from main.story_articles as sa
    join main.articles as a using (article_id)
    join main.revisions as r on r.revision_id = a.current_revision_id
    join main.publishers as p on p.publisher_id = a.publisher_id
    where sa.story_id = $id::uuid
    order by sa.position
    limit $limit
)
select position, article_id::varchar as article_id, publisher, title, printed_at, dated,
    round(epoch(printed_at - first_value(printed_at) over (order by position)) / 3600, 1) as hours_later,
    similarity, agency, credit, body_words
from members
order by position
