-- One row per source whose articles mostly carry the same moment.
-- id: dates_identical
-- severity: warn
-- threshold: 0.5
-- unit: share of dated articles with the most frequent minute
-- dimension: accuracy
-- because: Half of twenty stories do not come out in one minute: the date is the page's build time or the fetch's.
-- example: Forty stories of 12:00:03 today.
with moments as (
    select a.source, a.published_at, count(*) as articles
    from batch_loaded as a
    where a.published_at is not null and a.published_precision <> 'day'
    group by a.source, a.published_at
)
select source, max(articles) / sum(articles) as value, sum(articles)::bigint as inputs,
    format('{} of {} at {}', max(articles), sum(articles)::bigint, arg_max(published_at, articles)) as detail
from moments
group by source
having inputs >= 20 and value > $threshold
