-- One row per source and reason: inputs in open quarantine.
select source, reason, count(*) as inputs
from {{ source('copydesk_audit', 'quarantine') }}
where resolved_at is null
group by 1, 2
