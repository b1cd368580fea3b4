-- One row per article that the batch brings with two different texts.
-- id: address_twice
-- severity: warn
-- threshold: 1
-- unit: texts
-- dimension: uniqueness
-- because: Two texts of one address in one batch mean two captures that raced or two pages with one canonical address; both are kept as revisions, the order of which the capture time decides.
-- example: One address that came with two texts in a run.
select any_value(a.source) as source, count(distinct a.revision_id) as value, count(*) as inputs,
    format('{}: {} texts', any_value(coalesce(a.address, a.uri)), count(distinct a.revision_id)) as detail
from batch_loaded as a
group by a.article_id
having value > $threshold
