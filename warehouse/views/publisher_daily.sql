-- One row per publisher and day of publication (day first seen, where the page gives no date).
create or replace view main.publisher_daily as
select p.publisher, cast(coalesce(r.published_at, a.first_seen_at) as date) as day,
    count(*) as articles,
    count(r.published_at) as dated,
    count(*) filter (a.revision_count > 1) as changed_later,
    cast(sum(r.body_words) as bigint) as words,
    cast(median(r.body_words) as integer) as median_words,
    round(sum(r.body_chars) / nullif(sum(r.page_chars), 0), 3) as kept_share
from main.articles as a
join main.revisions as r on r.revision_id = a.current_revision_id
join main.publishers as p on p.publisher_id = a.publisher_id
group by all;
comment on view main.publisher_daily is 'One row per publisher and day: articles, how many give a date, words, share of the page that was kept.';
comment on column main.publisher_daily.day is 'Day of publication (UTC); the day first seen, where the page gives no date.';
comment on column main.publisher_daily.articles is 'Number of articles.';
comment on column main.publisher_daily.dated is 'Those whose page gives a date.';
comment on column main.publisher_daily.changed_later is 'Those whose text has changed since.';
comment on column main.publisher_daily.words is 'Words of their kept paragraphs.';
comment on column main.publisher_daily.median_words is 'Words of the median article.';
comment on column main.publisher_daily.kept_share is 'Characters kept of those visible on the pages, 0 to 1.';
