-- One row per day, publisher, rule and severity: which rules cost most, and whom.
create or replace view main.rule_costs as
select r.started_at::date as day, coalesce(p.publisher, c.source) as publisher, f.rule, f.severity,
    count(*) as captures, min(f.value) as least, median(f.value) as middle, max(f.value) as most
from audit.findings as f
join ops.runs as r using (run_id)
left join audit.captures as c using (capture_id)
left join main.articles as a using (article_id)
left join main.publishers as p using (publisher_id)
group by r.started_at::date, coalesce(p.publisher, c.source), f.rule, f.severity;
comment on view main.rule_costs is 'One row per day, publisher, rule and severity: which rules cost most, and whom.';
comment on column main.rule_costs.day is 'Day of the run that found it (UTC).';
comment on column main.rule_costs.publisher is 'The publisher; the source for what did not become an article; null for a batch.';
comment on column main.rule_costs.rule is 'Id of the rule.';
comment on column main.rule_costs.severity is 'What breaking it does.';
comment on column main.rule_costs.captures is 'Captures that broke it.';
comment on column main.rule_costs.least is 'Least measured value.';
comment on column main.rule_costs.middle is 'Median measured value.';
comment on column main.rule_costs.most is 'Largest measured value.';
