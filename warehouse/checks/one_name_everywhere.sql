-- One row per source that names the same person in nearly all of its stories.
-- id: one_name_everywhere
-- severity: warn
-- threshold: 0.8
-- unit: share of stories
-- dimension: accuracy
-- because: Nobody is news in every story of a batch; a name that is has stayed from the furniture (an editor, a columnist's box), and would lead every list of people.
-- example: The editor of the site is named in each of forty stories.
with named as (
    select a.source, m.entity_id, any_value(m.name) as name, count(distinct m.capture_id) as stories
    from batch_mentions as m join batch_loaded as a using (capture_id)
    where m.kind = 'person' and m.field = 'body' and m.entity_id is not null and not m.known
    group by a.source, m.entity_id
),
sizes as (select source, count(*) as stories from batch_loaded group by source)
select n.source, n.stories / s.stories as value, s.stories as inputs,
    format('{} in {} of {} stories', n.name, n.stories, s.stories) as detail
from named as n join sizes as s using (source)
where s.stories >= 20 and value > $threshold
qualify row_number() over (partition by n.source order by n.stories desc, n.name) = 1
