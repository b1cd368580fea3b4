-- One row per source and reason with open quarantine.
select source, reason, count(*) as captures, min(first_seen_at) as first_seen_at, max(last_seen_at) as last_seen_at
from audit.quarantine
where resolved_at is null
group by source, reason
order by captures desc, source, reason
