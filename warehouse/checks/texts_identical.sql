-- One row per source whose articles mostly say the same: the site answered with one page for many addresses.
-- id: texts_identical
-- severity: hold
-- threshold: 0.3
-- unit: share of articles that repeat a text of the batch
-- dimension: uniqueness
-- because: A wall, a consent page or an error page served for every address looks like news to each row rule; only together do they give themselves away. Syndication repeats single stories, never three in ten of a source.
-- example: Twenty-four pages that are one and the same wall.
with bodies as (
    select capture_id, sum(hash(text)) as body -- a hash of each: putting a million texts together takes all memory
    from batch_paragraphs
    where length(text) >= 80 -- a headline or a date of its own does not make a wall another text
    group by capture_id
)
select a.source, 1 - count(distinct b.body) / count(*) as value, count(*) as inputs,
    format('{} articles, {} different texts', count(*), count(distinct b.body)) as detail
from batch_loaded as a
join bodies as b using (capture_id)
group by a.source
having count(distinct a.article_id) >= 20 and value > $threshold
