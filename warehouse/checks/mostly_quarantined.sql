-- One row per source of which most did not get through.
-- id: mostly_quarantined
-- severity: warn
-- threshold: 0.5
-- unit: share of captures
-- dimension: completeness
-- because: When more is refused than accepted, the source has changed or was declared wrongly; the records are safe in quarantine, but somebody has to look.
-- example: Thirty of forty pages are a login form.
with ended as (
    select source, false as refused from batch_loaded
    union all
    select source, true as refused from batch_quarantine
)
select source, avg(refused::integer) as value, count(*) as inputs,
    format('{} of {} captures', sum(refused::integer)::bigint, count(*)) as detail
from ended
group by source
having count(*) >= 10 and value > $threshold
