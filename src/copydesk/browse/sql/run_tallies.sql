select stage, kind, name, inputs from ops.tallies where run_id = $id
order by case stage when 'acquire' then 1 when 'extract' then 2 when 'check' then 3 else 4 end, kind, inputs desc, name
limit 300
