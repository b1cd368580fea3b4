-- One row per broken rule, with the page that broke it: latest run first.
select f.rule, f.severity::varchar, f.value, f.detail, f.run_id, c.article_id::varchar, c.source, r.title, c.uri
from audit.findings as f
left join audit.captures as c using (capture_id)
left join main.revisions as r using (revision_id)
where ($1::varchar[] is null or list_contains($1::varchar[], f.rule)) and ($2 is null or c.source = $2) and ($3 is null or f.severity::varchar = $3)
order by f.run_id desc, f.rule, c.source, c.uri
limit $4
