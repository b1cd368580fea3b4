-- One row per day and publisher: articles with a word in title or text, against the publisher's 28 days before.
-- $1: the word, lower case, without accents; $2: a pattern that finds it whole; $3: publisher or ''.
with printed as (
    select a.article_id, a.current_revision_id as revision_id, p.publisher,
        cast(coalesce(r.published_at, a.first_seen_at) as date) as day, r.title
    from main.articles as a
    join main.revisions as r on r.revision_id = a.current_revision_id
    join main.publishers as p on p.publisher_id = a.publisher_id
    where $3 = '' or p.publisher = $3
),
texts as (
    select revision_id, lower(strip_accents(title)) as text from printed where title is not null
    union all
    select q.revision_id, lower(strip_accents(q.text)) as text
    from main.paragraphs as q join printed using (revision_id)
),
found as (
    select distinct revision_id from texts where contains(text, $1) and regexp_matches(text, $2)
),
printed_days as (
    select publisher, day, count(*) as all_articles, count(f.revision_id) as articles
    from printed left join found as f using (revision_id)
    group by publisher, day
),
days as (
    select *, sum(all_articles) over past as past_articles, sum(articles) over past as past_found
    from printed_days
    window past as (
        partition by publisher order by day range between interval 28 days preceding and interval 1 day preceding
    )
)
select day, publisher, articles, all_articles, articles / all_articles as share,
    case when past_articles > 0 then past_found / past_articles end as usual_share,
    case when past_found > 0 then (articles / all_articles) / (past_found / past_articles) end as ratio
from days
where articles > 0
order by day desc, publisher;
