-- One row per source whose lists announced pages since $1: what became of them, and the days on which some were not taken.
select source, sum(announced)::bigint as announced, sum(captured)::bigint as captured, sum(loaded)::bigint as loaded,
    sum(held + quarantined)::bigint as waiting, sum(refused)::bigint as refused, sum(failed)::bigint as failed,
    sum(never_asked)::bigint as never_asked, count(*) filter (failed + never_asked > 0) as days_missing,
    min(day) filter (failed + never_asked > 0)::varchar as missing_since,
    max(day) filter (failed + never_asked > 0)::varchar as missing_until
from main.coverage
where day >= $1::timestamptz::date
group by source
having sum(announced) > 0
order by sum(failed + never_asked) desc, source
