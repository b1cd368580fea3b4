-- One row per source of the batch: the metrics kept as history. Shares are 0 to 1; null where the denominator is empty.
with ended as (
    select a.source, a.capture_id, false as refused from batch_loaded as a
    union all
    select source, capture_id, true as refused from batch_quarantine
),
volume as (
    select source, count(*) as captures, avg(refused::integer) as quarantined_share
    from ended
    group by source
),
boilerplate as (select capture_id, sum(length(text)) as cut_chars from batch_cut_blocks group by capture_id),
bylines as (select distinct capture_id from batch_authors),
broken as (
    select capture_id, bool_or(rule = 'duplicate_text') as duplicate, bool_or(severity = 'warn') as warned
    from batch_findings
    where capture_id is not null
    group by capture_id
),
loaded as (
    select a.source, count(*) as accepted, median(a.body_chars) as median_body_chars,
        avg((a.title is null)::integer) as no_title_share,
        avg((a.published_at is null)::integer) as no_date_share,
        avg((y.capture_id is not null)::integer) as byline_share,
        avg((a.language = 'und')::integer) as no_language_share,
        avg(coalesce(b.duplicate, false)::integer) as duplicate_share,
        avg(coalesce(b.warned, false)::integer) as warned_share,
        median(f.cut_chars / greatest(f.cut_chars + a.body_chars, 1)) as furniture_share,
        median(epoch(a.captured_at - a.published_at) / 3600) as freshness_hours
    from batch_loaded as a
    left join bylines as y using (capture_id)
    left join broken as b using (capture_id)
    left join boilerplate as f using (capture_id)
    group by a.source
)
select v.source, v.captures::double as captures, v.quarantined_share, l.* exclude (source, accepted)
from volume as v left join loaded as l using (source)
order by v.source
