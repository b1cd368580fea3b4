-- One row per source whose articles mostly bear the same title.
-- id: titles_identical
-- severity: hold
-- threshold: 0.5
-- unit: share of articles that bear the most frequent title
-- dimension: uniqueness
-- because: When half of twenty articles bear one title, the title is the site's or a wall's; columns and live tickers repeat theirs, but not that often in one batch.
-- example: "The Gazette" as title of thirty of forty stories.
with titles as (
    select a.source, a.title, count(*) as articles
    from batch_loaded as a
    where a.title is not null
    group by a.source, a.title
)
select source, max(articles) / sum(articles) as value, sum(articles)::bigint as inputs,
    format('{} of {}: {}', max(articles), sum(articles)::bigint, left(arg_max(title, articles), 120)) as detail
from titles
group by source
having inputs >= 20 and value > $threshold
