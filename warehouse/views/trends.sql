-- One row per day, publisher and person, organisation, place or topic that it printed.
create or replace view main.trends as
with printed as (
    select a.article_id, p.publisher, cast(coalesce(r.published_at, a.first_seen_at) as date) as day
    from main.articles as a
    join main.revisions as r on r.revision_id = a.current_revision_id
    join main.publishers as p on p.publisher_id = a.publisher_id
),
named as (
    select article_id, kind::varchar as kind, name from main.article_entities where not signs
    union
    select article_id, 'topic', topic from main.article_topics
),
printed_days as (
    select publisher, day, count(*) as all_articles from printed group by publisher, day
),
days as (
    select *, coalesce(sum(all_articles) over past, 0) as past_articles
    from printed_days
    window past as (
        partition by publisher order by day range between interval 28 days preceding and interval 1 day preceding
    )
),
named_days as (
    select n.kind, n.name, p.publisher, p.day, count(*) as articles
    from named as n join printed as p using (article_id)
    group by all
),
counted as (
    select *, coalesce(sum(articles) over past, 0) as past_named
    from named_days
    window past as (
        partition by kind, name, publisher order by day
        range between interval 28 days preceding and interval 1 day preceding
    )
)
select c.kind, c.name, c.publisher, c.day, c.articles, d.all_articles, c.articles / d.all_articles as share,
    case when d.past_articles > 0 then c.past_named / d.past_articles end as usual_share,
    case when c.past_named > 0 then (c.articles / d.all_articles) / (c.past_named / d.past_articles) end as ratio
from counted as c join days as d using (publisher, day);
comment on view main.trends is 'One row per day, publisher and person, organisation, place or topic in its articles of that day, against the publisher''s own four weeks before. `copydesk trends WORD` does the same for any word.';
comment on column main.trends.kind is 'person, organisation, place or topic.';
comment on column main.trends.name is 'Its name; the short name of a topic.';
comment on column main.trends.day is 'The day (UTC), by the date the page gives, else by when it was first seen.';
comment on column main.trends.articles is 'Articles of that day that name it.';
comment on column main.trends.all_articles is 'All articles of the publisher of that day.';
comment on column main.trends.share is 'articles / all_articles.';
comment on column main.trends.usual_share is 'The same share over the 28 days before; null where the publisher printed nothing then.';
comment on column main.trends.ratio is 'share / usual_share: 2 is twice as much as usual; null where it was not named in the 28 days before.';
