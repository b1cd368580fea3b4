-- What rises: persons, organisations, places, topics and words of headlines that articles of the last days name more
-- often than those of the four weeks before. $1: days; $2: publisher or ''; $3: least number of articles; $4: limit.
with printed as (
    select a.article_id, cast(coalesce(r.published_at, a.first_seen_at) as date) as day, r.title
    from main.articles as a
    join main.revisions as r on r.revision_id = a.current_revision_id
    join main.publishers as p on p.publisher_id = a.publisher_id
    where $2 = '' or p.publisher = $2
),
dated as (
    select article_id, title, day > last_day - $1 as recent
    from printed, (select max(day) as last_day from printed)
    where day > last_day - $1 - 28
),
named as (
    select article_id, kind::varchar as kind, name from main.article_entities where not signs
    union
    select article_id, 'topic', topic from main.article_topics
    union
    select article_id, 'word', unnest(list_distinct(regexp_extract_all(lower(title), '[\p{L}\p{M}]{4,}')))
    from dated where title is not null
),
totals as (select count(*) filter (recent) as recent, count(*) filter (not recent) as before from dated),
counted as (
    select kind, name, count(*) filter (recent) as articles, count(*) filter (not recent) as before
    from named join dated using (article_id)
    group by kind, name
)
select c.kind, c.name, c.articles, t.recent as all_articles, c.articles / t.recent as share,
    case when t.before > 0 then c.before / t.before end as usual_share,
    case when c.before > 0 then (c.articles / t.recent) / (c.before / t.before) end as ratio
from counted as c, totals as t
where c.articles >= $3
    and (c.articles + 0.5) / (t.recent + 1) > 1.5 * (c.before + 0.5) / (t.before + 1)
order by c.articles * ln(((c.articles + 0.5) / (t.recent + 1)) / ((c.before + 0.5) / (t.before + 1))) desc, c.kind, c.name
limit $4;
