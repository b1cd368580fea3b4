select count(*) as runs from (select 1 from ops.runs where $source is null or list_contains(sources, $source) limit 1001)
