select count(*) as findings from (
    select 1
    from audit.findings as f
    join ops.runs as r using (run_id)
    left join audit.captures as c using (capture_id)
    where ($rule is null or f.rule = $rule) and ($source is null or c.source = $source)
        and ($run is null or f.run_id = $run) and r.started_at >= $since
    limit 1001
)
