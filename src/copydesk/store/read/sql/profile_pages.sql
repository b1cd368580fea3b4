-- One row per page since $1 whose template is known, in the order of their capture; the last 600 of each publisher.
select a.source, p.publisher, r.captured_at, a.article_id::varchar as article_id, a.uri, r.template,
    r.block_count::double as blocks, 1 - r.body_chars / greatest(r.page_chars, r.body_chars, 1) as furniture
from main.revisions as r
join main.articles as a using (article_id)
join main.publishers as p on p.publisher_id = r.publisher_id
where r.captured_at >= $1 and r.template is not null and r.replaced_by_revision_id is null
    and ($2::varchar is null or a.source = $2::varchar)
qualify row_number() over (partition by a.source, p.publisher order by r.captured_at desc, a.article_id) <= 600
order by a.source, p.publisher, r.captured_at, a.article_id
