-- One row per source and day: what feeds, sitemaps and lists announced, and what became of it.
create or replace view main.coverage as
with announced as (
    select source, uri,
        coalesce(try_cast(min(published_hint) as timestamptz), min(seen_at))::date as day
    from audit.sightings
    group by source, uri
),
taken as (
    select uri,
        max(case outcome when 'loaded' then 3 when 'held' then 2 else 1 end) as best
    from audit.captures
    group by uri
),
ended as (
    select a.source, a.day, a.uri,
        case
            when t.best = 3 then 'loaded'
            when t.best = 2 then 'held'
            when t.best = 1 then 'quarantined'
            when s.last_outcome = 'refused' then 'refused'
            when s.last_outcome in ('failed', 'deferred') then 'failed'
            else 'never_asked'
        end as outcome
    from announced as a
    left join taken as t using (uri)
    left join ops.address_state as s on s.source = a.source and s.uri = a.uri
)
select source, day, count(*) as announced,
    count(*) filter (outcome in ('loaded', 'held', 'quarantined')) as captured,
    count(*) filter (outcome = 'loaded') as loaded,
    count(*) filter (outcome = 'held') as held,
    count(*) filter (outcome = 'quarantined') as quarantined,
    count(*) filter (outcome = 'refused') as refused,
    count(*) filter (outcome = 'failed') as failed,
    count(*) filter (outcome = 'never_asked') as never_asked
from ended
group by source, day;
comment on view main.coverage is 'One row per source and day: what feeds, sitemaps and lists announced, and what became of it.';
comment on column main.coverage.source is 'Name of the source.';
comment on column main.coverage.day is 'Day of the date that the feed or sitemap gives, else day on which the page was first named (UTC).';
comment on column main.coverage.announced is 'Pages that were named.';
comment on column main.coverage.captured is 'Those of them whose bytes are in the archive, whichever source fetched them.';
comment on column main.coverage.loaded is 'Those whose article is in main.';
comment on column main.coverage.held is 'Those that wait with their batch.';
comment on column main.coverage.quarantined is 'Those that no rule let through.';
comment on column main.coverage.refused is 'Those that robots.txt, an opt-out, a limit or the site refused.';
comment on column main.coverage.failed is 'Those that could not be fetched, or are put off after a failure.';
comment on column main.coverage.never_asked is 'Those that no run has asked for, such as what was over max_items.';
