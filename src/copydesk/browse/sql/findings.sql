with chosen as (
    select f.*, r.started_at, c.source, c.uri, c.article_id, c.outcome
    from audit.findings as f
    join ops.runs as r using (run_id)
    left join audit.captures as c using (capture_id)
    where ($rule is null or f.rule = $rule) and ($source is null or c.source = $source)
        and ($run is null or f.run_id = $run) and r.started_at >= $since
    order by r.started_at desc, f.run_id, c.source, c.uri, f.rule
    limit $limit offset $start
)
select c.rule, c.severity::varchar as severity, c.value, c.detail, c.source, c.uri, c.run_id, c.started_at,
    c.capture_id::varchar as capture_id, c.article_id::varchar as article_id, c.outcome::varchar as outcome, r.title
from chosen as c
left join main.articles as a using (article_id)
left join main.revisions as r on r.revision_id = a.current_revision_id
order by c.started_at desc, c.run_id, c.source, c.uri, c.rule
