-- One row per source whose stories mostly call people by family names that no full name explains.
-- id: names_unexplained
-- severity: warn
-- threshold: 0.6
-- unit: share of mentions of persons
-- dimension: completeness
-- because: A story gives a full name before the family name; where most names have none, the beginnings of the texts were cut away.
-- example: "Petrov said", and no first name in the whole text, in most stories.
select a.source, avg((m.entity_id is null)::integer) as value, count(*) as inputs,
    format('{} of {} mentions', count(*) filter (m.entity_id is null), count(*)) as detail
from batch_mentions as m join batch_loaded as a using (capture_id)
where m.kind = 'person' and m.field = 'body'
group by a.source
having count(*) >= 30 and value > $threshold
