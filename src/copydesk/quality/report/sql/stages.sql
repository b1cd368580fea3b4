-- One row per stage since $1: what it cost.
select s.stage, sum(s.seconds) as seconds, sum(s.pages)::bigint as pages,
    sum(s.seconds) * 1000 / nullif(sum(s.pages), 0) as ms_per_page, max(s.peak_memory_bytes) as peak_memory_bytes
from ops.stage_runs as s join ops.runs as r using (run_id)
where r.started_at >= $1
group by s.stage
order by case s.stage when 'acquire' then 1 when 'extract' then 2 when 'check' then 3 else 4 end
