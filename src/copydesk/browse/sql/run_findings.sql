select rule, severity::varchar as severity, count(*) as captures, min(left(detail, 160)) as example
from audit.findings where run_id = $id
group by all
order by captures desc, rule
limit 100
