-- One row per source that shares many texts with another source of the batch.
-- id: same_text_elsewhere
-- severity: warn
-- threshold: 0.5
-- unit: share of the source's articles
-- dimension: uniqueness
-- because: When half of a source stands word by word in another one, one of the two need not be collected.
-- example: Two feeds of one newsroom as two sources.
with bodies as (
    select a.source, a.article_id, sum(hash(p.position, p.text)) as body
    from batch_loaded as a join batch_paragraphs as p using (capture_id)
    group by a.source, a.article_id, a.capture_id
),
shared as (
    select one.source, other.source as other, count(distinct one.article_id) as articles
    from bodies as one join bodies as other on one.body = other.body and one.source <> other.source
    group by one.source, other.source
),
sizes as (select source, count(distinct article_id) as articles from bodies group by source)
select s.source, s.articles / z.articles as value, z.articles as inputs,
    format('{} of {} articles also in {}', s.articles, z.articles, s.other) as detail
from shared as s join sizes as z using (source)
where z.articles >= 10 and value > $threshold
