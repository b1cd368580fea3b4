-- Entities whose mentions have changed (`changed_entities`), worked out anew. What the gazetteer knows keeps its name;
-- any other entity has the writing that most of its full names have, of several the first in alphabetical order.

insert or replace into main.entities by name
select n.entity_id, n.kind, coalesce(n.known_name, case when e.known then e.name end, n.name) as name,
    coalesce(n.country, e.country) as country, n.known_name is not null or coalesce(e.known, false) as known
from named_entities as n left join main.entities as e using (entity_id);

create or replace temp table counted_entities as
select m.entity_id, mode(m.text order by m.text) filter (m.full_name) as name
from main.mentions as m
where m.entity_id in (select entity_id from changed_entities)
group by m.entity_id;

update main.entities as e set name = c.name
from counted_entities as c
where c.entity_id = e.entity_id and not e.known and c.name is not null and c.name <> e.name;

delete from main.entities
where entity_id in (select entity_id from changed_entities)
    and entity_id not in (select entity_id from counted_entities);
