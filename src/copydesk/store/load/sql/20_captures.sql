-- Captures, their outcomes, and every time their bytes were seen. {capture_updates}: one assignment per column.
merge into audit.captures as c
using (
    select n.* exclude (part), 'held' as outcome, getvariable('run_id') as run_id from new_captures as n
) as n
on c.capture_id = n.capture_id
when matched and n.captured_at >= c.captured_at then update set {capture_updates}
when not matched then insert by name;

update audit.captures as c
set outcome = d.outcome, article_id = d.article_id, revision_id = d.revision_id, rules_version = d.rules_version,
    run_id = getvariable('run_id'),
    evidence_kept = case when d.outcome = 'loaded' then nullif(getvariable('evidence'), 'full') end
from decided as d
where d.capture_id = c.capture_id;

update audit.captures as c
set article_id = n.first_article_id, revision_id = n.first_revision_id
from renamed as n
where n.revision_id = c.revision_id and n.revision_id <> n.first_revision_id
    and c.capture_id not in (select capture_id from decided);

insert into audit.capture_times
select distinct i.capture_id::uuid as capture_id, i.captured_at
from in_captures as i
where i.capture_id::uuid in (select capture_id from decided)
    and not exists (
        from audit.capture_times as t where t.capture_id = i.capture_id::uuid and t.captured_at = i.captured_at
    );
