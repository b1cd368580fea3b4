select n.article_id::varchar as article_id, n.printed_at, n.publisher, r.title, n.mentions, n.role
from main.article_entities as n
join main.articles as a using (article_id)
join main.revisions as r on r.revision_id = a.current_revision_id
where n.name = $name and not n.signs
order by n.printed_at desc, n.article_id
limit $limit
