-- Differences between consecutive revisions, paragraph by paragraph.

-- One row per living revision of a touched article that follows another.
create or replace temp table steps as
select r.revision_id, r.previous_revision_id, r.title is distinct from p.title as title_changed
from main.revisions as r join main.revisions as p on p.revision_id = r.previous_revision_id
where r.article_id in (select article_id from touched) and r.number > 1;

delete from main.revision_changes
where revision_id in (select revision_id from main.revisions where article_id in (select article_id from touched));

-- Paragraphs of either side that have no equal on the other; the n-th of several equal ones pairs with the n-th.
create or replace temp table unequal as
with old_side as (
    select s.revision_id, p.position, p.text,
        row_number() over (partition by s.revision_id, p.text order by p.position) as nth
    from steps as s join main.paragraphs as p on p.revision_id = s.previous_revision_id
),
new_side as (
    select s.revision_id, p.position, p.text,
        row_number() over (partition by s.revision_id, p.text order by p.position) as nth
    from steps as s join main.paragraphs as p on p.revision_id = s.revision_id
)
select coalesce(o.revision_id, n.revision_id) as revision_id, o.position as old_position, n.position as new_position,
    list_distinct(string_split_regex(lower(coalesce(o.text, n.text)), '\s+')) as words
from old_side as o full join new_side as n using (revision_id, text, nth)
where o.position is null or n.position is null;

-- Pairs that share at least half of their words; a pair stands when each is the other's best.
create or replace temp table edited as
with pairs as (
    select o.revision_id, o.old_position, n.new_position,
        len(list_intersect(o.words, n.words)) / len(list_distinct(o.words || n.words)) as similarity
    from unequal as o join unequal as n on n.revision_id = o.revision_id
    where o.new_position is null and n.old_position is null
)
select *
from pairs
where similarity >= 0.5
qualify row_number() over (
        partition by revision_id, old_position order by similarity desc, abs(old_position - new_position), new_position
    ) = 1
    and row_number() over (
        partition by revision_id, new_position order by similarity desc, abs(old_position - new_position), old_position
    ) = 1;

insert into main.revision_changes
select revision_id, 'edited', old_position, new_position, similarity from edited
union all
select u.revision_id, 'removed', u.old_position, null, null
from unequal as u
where u.new_position is null
    and not exists (from edited as e where e.revision_id = u.revision_id and e.old_position = u.old_position)
union all
select u.revision_id, 'added', null, u.new_position, null
from unequal as u
where u.old_position is null
    and not exists (from edited as e where e.revision_id = u.revision_id and e.new_position = u.new_position);

update main.revisions as r
set title_changed = s.title_changed, paragraphs_added = s.added, paragraphs_removed = s.removed,
    paragraphs_edited = s.edited
from (
    select s.revision_id, any_value(s.title_changed) as title_changed,
        count(*) filter (c.change = 'added') as added,
        count(*) filter (c.change = 'removed') as removed,
        count(*) filter (c.change = 'edited') as edited
    from steps as s left join main.revision_changes as c using (revision_id)
    group by s.revision_id
) as s
where s.revision_id = r.revision_id;

update main.revisions
set title_changed = null, paragraphs_added = null, paragraphs_removed = null, paragraphs_edited = null
where number = 1 and article_id in (select article_id from touched) and title_changed is not null;
