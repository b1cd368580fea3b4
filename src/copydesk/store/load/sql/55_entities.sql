-- Entities whose mentions have changed (`changed_entities`), worked out anew. What the gazetteer knows keeps its name;
-- any other entity has the writing that most of its full names have, of several the first in alphabetical order.

create or replace temp table counted_entities as
select m.entity_id, mode(m.text order by m.text) filter (m.full_name) as name
from main.mentions as m
where m.entity_id in (select entity_id from changed_entities)
group by m.entity_id;

create or replace temp table renewed as
with worked_out as (
    select n.entity_id, n.kind, coalesce(n.known_name, case when e.known then e.name end, c.name, n.name) as name,
        coalesce(n.country, e.country) as country, n.known_name is not null or coalesce(e.known, false) as known
    from named_entities as n
    left join main.entities as e using (entity_id)
    left join counted_entities as c using (entity_id)
)
select * from worked_out
except
select * from main.entities where entity_id in (select entity_id from named_entities);

delete from main.entities where entity_id in (select entity_id from renewed);
insert into main.entities by name select * from renewed;

update main.entities as e set name = c.name
from counted_entities as c
where c.entity_id = e.entity_id and not e.known and c.name is not null and c.name <> e.name;

delete from main.entities
where entity_id in (select entity_id from changed_entities)
    and entity_id not in (select entity_id from counted_entities);
