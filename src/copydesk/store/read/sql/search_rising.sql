-- Words of the last days against all days before: docids are in the order of printing.
with bounds as (
    select min(docid) as first, count(*) as recent, (select count(*) from articles) - count(*) as earlier
    from articles
    where printed_at > (select max(printed_at) from articles) - to_days($days::integer)
),
recent as (
    select termid, count(*) as recent
    from postings
    where docid >= (select first from bounds)
    group by termid
    having count(*) >= 3
)
select w.word, w.group_name, r.recent, w.articles - r.recent,
    round(((r.recent + 1) / (b.recent + 1)) / ((w.articles - r.recent + 1) / (b.earlier + 1)), 2) as rise
from recent as r
join words as w using (termid)
cross join bounds as b
where ($language is null or w.group_name = $language) and length(w.word) > 2
    and not regexp_matches(w.word, '^[0-9]+$')
    and ((r.recent + 1) / (b.recent + 1)) > 1.2 * ((w.articles - r.recent + 1) / (b.earlier + 1))
order by rise * sqrt(r.recent) desc, w.word
limit $limit
