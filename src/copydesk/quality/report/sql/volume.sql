-- One row per source and day since $1: captures that were judged, and those of them that did not get through.
with wide as (
    select source, run_id, started_at::date as day, any_value(inputs) as captures,
        max(value) filter (metric = 'quarantined_share') as quarantined_share
    from ops.source_stats
    where started_at >= $1
    group by source, run_id, started_at::date
)
select source, day, sum(captures)::bigint as captures,
    sum(round(captures * coalesce(quarantined_share, 0)))::bigint as quarantined
from wide
group by source, day
order by source, day
