-- One row per web source and day on which it named pages that were not known before; days without any have no row.
create or replace view main.source_days as
select source, cast(timezone('UTC', first_seen_at) as date) as day, count(*) as new_pages,
    count(*) filter (last_success_at is not null) as fetched_pages
from ops.address_state
where purpose = 'page' and first_seen_at is not null
group by all;
comment on view main.source_days is 'One row per web source and day on which it named pages that were not known before.';
comment on column main.source_days.source is 'Name of the source.';
comment on column main.source_days.day is 'The day (UTC).';
comment on column main.source_days.new_pages is 'Pages first named on that day.';
comment on column main.source_days.fetched_pages is 'Those of them that were fetched since.';
