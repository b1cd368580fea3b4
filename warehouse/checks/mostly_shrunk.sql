-- One row per source whose known articles came back mostly halved.
-- id: mostly_shrunk
-- severity: hold
-- threshold: 0.5
-- unit: share of articles with a former revision that shrank
-- dimension: consistency
-- because: One story that lost half its text was corrected; half of a source's stories at once mean a new template or a wall, and loading them would make it the current text of each.
-- example: Twenty of thirty known stories came back with half of their text.
select a.source, avg((f.rule is not null)::integer) as value, count(*) as inputs,
    format('{} of {} known articles', count(f.rule), count(*)) as detail
from batch_loaded as a
join batch_known as k using (article_id)
left join batch_findings as f on f.capture_id = a.capture_id and f.rule = 'shrunk'
where k.revision_id <> a.revision_id
group by a.source
having count(*) >= 10 and value > $threshold
