-- Open records by reason and source; the twelve most frequent of each reason.
with counted as (
    select reason, source, count(*) as records, max(last_seen_at) as last_seen_at
    from audit.quarantine
    where resolved_at is null
    group by reason, source
)
select *
from counted
qualify row_number() over (partition by reason order by records desc, source) <= 12
order by sum(records) over (partition by reason) desc, reason, records desc, source
limit 300
