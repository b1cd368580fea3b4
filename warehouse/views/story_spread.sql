-- One row per story and article that prints it: who printed whose text, when, how much later.
create or replace view main.story_spread as
with members as (
    select sa.story_id, sa.position, sa.article_id, sa.similarity, p.publisher, r.title, r.agency, r.credit,
        coalesce(r.published_at, a.first_seen_at) as printed_at
    from main.story_articles as sa
    join main.articles as a using (article_id)
    join main.revisions as r on r.revision_id = a.current_revision_id
    join main.publishers as p on p.publisher_id = a.publisher_id
)
select m.story_id, m.position, m.publisher, m.title, m.printed_at, f.publisher as first_publisher,
    round(epoch(m.printed_at - f.printed_at) / 3600, 1) as hours_later, m.similarity, m.agency, m.credit, m.article_id,
    f.article_id as first_article_id
from members as m join members as f on f.story_id = m.story_id and f.position = 1;
comment on view main.story_spread is 'One row per story and article that prints it: who printed whose text, and how much later.';
comment on column main.story_spread.story_id is 'The story.';
comment on column main.story_spread.position is '1 printed it first.';
comment on column main.story_spread.printed_at is 'Date the page gives, else when it was first seen (UTC).';
comment on column main.story_spread.first_publisher is 'Publisher that printed it first.';
comment on column main.story_spread.hours_later is 'Hours after the first.';
comment on column main.story_spread.similarity is 'To the first article, 0 to 1.';
comment on column main.story_spread.agency is 'News agency named in dateline or credit.';
comment on column main.story_spread.article_id is 'The article.';
