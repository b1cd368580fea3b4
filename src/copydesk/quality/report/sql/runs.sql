-- One row per run since $1, newest first: what it did and what it cost.
with counted as (
    select run_id,
        sum(inputs) filter (stage = 'acquire' and kind = 'outcome' and name = 'captured') as captured,
        sum(inputs) filter (stage = 'acquire' and kind = 'outcome' and name = 'unchanged') as unchanged,
        sum(inputs) filter (stage = 'check' and kind = 'outcome' and name = 'accepted') as accepted,
        sum(inputs) filter (stage = 'check' and kind = 'outcome' and name = 'quarantined') as quarantined,
        sum(inputs) filter (stage = 'check' and kind = 'outcome' and name = 'held') as held,
        sum(inputs) filter (stage = 'check' and kind = 'outcome' and name = 'warned') as warned
    from ops.tallies
    group by run_id
),
cost as (select run_id, sum(seconds) as seconds from ops.stage_runs group by run_id)
select r.run_id, r.status::varchar as status, r.command, r.sources, r.started_at, cost.seconds,
    coalesce(c.captured, 0)::bigint as captured, coalesce(c.unchanged, 0)::bigint as unchanged,
    coalesce(c.accepted, 0)::bigint as accepted, coalesce(c.quarantined, 0)::bigint as quarantined,
    coalesce(c.held, 0)::bigint as held, coalesce(c.warned, 0)::bigint as warned, r.exit_code, r.error
from ops.runs as r
left join counted as c using (run_id)
left join cost using (run_id)
where r.started_at >= $1
order by r.started_at desc, r.run_id desc
