-- Statistics per source of this run: the history that later batches are compared with.
insert or replace into ops.source_stats by name
select run_id, source, metric, value, inputs, started_at, held
from in_source_stats;
