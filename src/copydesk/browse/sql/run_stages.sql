select stage, started_at, seconds, pages, bytes, seconds * 1000 / nullif(pages, 0) as ms_per_page, peak_memory_bytes
from ops.stage_runs where run_id = $id
order by case stage when 'acquire' then 1 when 'extract' then 2 when 'check' then 3 else 4 end
