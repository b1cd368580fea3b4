-- Evidence for each decision: cut blocks, candidates, findings, rejections; of the first two what `evidence` keeps.

delete from audit.cut_blocks where capture_id in (select capture_id from decided_before);
insert into audit.cut_blocks by name
select n.capture_id, i.number, i.label::audit.block_label as label, i.rule, i.confidence,
    i.runner_up::audit.block_label as runner_up, i.place, i.text
from in_cut_blocks as i join new_articles as n on n.part = i.part and n.capture_key = i.capture_id
where getvariable('evidence') = 'full';

delete from audit.evidence where capture_id in (select capture_id from decided_before);
insert into audit.evidence by name
select n.capture_id, i.field, i.position, i.value, i.source, i.chosen, i.reason
from in_evidence as i join new_articles as n on n.part = i.part and n.capture_key = i.capture_id
where getvariable('evidence') = 'full' or (getvariable('evidence') = 'winners' and i.chosen);

delete from audit.findings where capture_id in (select capture_id from decided_before);
-- What is said of a batch as a whole is no capture's, and comes with its own part.
delete from audit.findings
where run_id = getvariable('run_id') and capture_id is null and getvariable('with_batch');
insert into audit.findings by name
select distinct getvariable('run_id') as run_id, i.capture_id::uuid as capture_id, i.rule,
    i.severity::audit.severity as severity, i.value, i.detail
from in_findings as i
where i.capture_id is null or i.capture_id::uuid in (select capture_id from decided);

insert into audit.sightings by name
select i.source, i.uri, i.feed, i.seen_at, i.title_hint, i.published_hint
from in_sightings as i
where not exists (from audit.sightings as s where s.source = i.source and s.uri = i.uri and s.feed = i.feed)
qualify row_number() over (partition by i.source, i.uri, i.feed order by i.seen_at) = 1;
