-- Runs, latest first: what each did and what its stages cost, in seconds.
with chosen as (
    select * from ops.runs
    where $source is null or list_contains(sources, $source)
    order by started_at desc, run_id desc
    limit $limit offset $start
),
counted as (
    select run_id,
        sum(inputs) filter (stage = 'acquire' and name = 'captured') as captured,
        sum(inputs) filter (stage = 'acquire' and name = 'unchanged') as unchanged,
        sum(inputs) filter (stage = 'check' and name = 'accepted') as accepted,
        sum(inputs) filter (stage = 'check' and name = 'quarantined') as quarantined,
        sum(inputs) filter (stage = 'check' and name = 'held') as held,
        sum(inputs) filter (stage = 'check' and name = 'warned') as warned
    from ops.tallies
    where kind = 'outcome' and run_id in (select run_id from chosen)
    group by run_id
),
cost as (
    select run_id, sum(seconds) as seconds, max(peak_memory_bytes) as peak_memory_bytes,
        sum(seconds) filter (stage = 'acquire') as acquire, sum(seconds) filter (stage = 'extract') as extract,
        sum(seconds) filter (stage = 'check') as check, sum(seconds) filter (stage = 'publish') as publish
    from ops.stage_runs
    where run_id in (select run_id from chosen)
    group by run_id
)
select r.run_id, r.status::varchar as status, r.command, r.sources, r.started_at, r.finished_at, k.seconds,
    k.peak_memory_bytes, coalesce(c.captured, 0)::bigint as captured, coalesce(c.unchanged, 0)::bigint as unchanged,
    coalesce(c.accepted, 0)::bigint as accepted, coalesce(c.quarantined, 0)::bigint as quarantined,
    coalesce(c.held, 0)::bigint as held, coalesce(c.warned, 0)::bigint as warned, r.exit_code, r.error,
    k.acquire, k.extract, k.check, k.publish
from chosen as r
left join counted as c using (run_id)
left join cost as k using (run_id)
order by r.started_at desc, r.run_id desc
