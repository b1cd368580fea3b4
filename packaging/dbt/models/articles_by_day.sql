-- One row per publisher and day (UTC): articles, words, and the share whose text was edited after it was first seen.
select
    p.publisher,
    cast(a.first_seen_at as date) as day,
    count(*) as articles,
    sum(r.body_words) as words,
    avg(case when a.revision_count > 1 then 1.0 else 0.0 end) as edited_share
from {{ source('copydesk_main', 'articles') }} as a
join {{ source('copydesk_main', 'revisions') }} as r on r.revision_id = a.current_revision_id
join {{ source('copydesk_main', 'publishers') }} as p on p.publisher_id = a.publisher_id
group by 1, 2
