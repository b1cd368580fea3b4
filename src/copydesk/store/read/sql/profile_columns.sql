-- One row per source, week, column and value since $1: how many articles have it.
with loaded as (
    select a.source, date_trunc('week', r.captured_at at time zone 'UTC')::date as week, r.*,
        exists (select 1 from main.revision_authors as w where w.revision_id = r.revision_id) as has_author,
        (select coalesce(sum(length(q.text)), 0) from main.quotes as q where q.revision_id = r.revision_id)
            / greatest(r.body_chars, 1) as quoted
    from main.revisions as r join main.articles as a using (article_id)
    where r.captured_at >= $1 and r.replaced_by_revision_id is null and ($2::varchar is null or a.source = $2::varchar)
),
counted as (
    select source, week, 'language' as name, language as value from loaded
    union all select source, week, 'charset', coalesce(charset, 'unknown') from loaded
    union all select source, week, 'length',
        (2 ** floor(log2(greatest(body_chars, 64))))::bigint || ' characters or more' from loaded
    union all select source, week, 'title', if(title is null, 'missing', 'given') from loaded
    union all select source, week, 'date', if(published_at is null, 'missing', 'given') from loaded
    union all select source, week, 'byline', if(has_author, 'given', 'missing') from loaded
    union all select source, week, 'quotes', case when quoted = 0 then 'none' when quoted < 0.1 then 'under 10 %'
        when quoted < 0.25 then 'under 25 %' else '25 % or more' end from loaded
)
select source, name, week, value, count(*) as articles
from counted
group by all
order by source, name, week, value
