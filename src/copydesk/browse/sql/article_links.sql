select l.position, l.url, l.text, l.paragraph
from main.articles as a join main.links as l on l.revision_id = a.current_revision_id
where a.article_id = $id::uuid
order by l.position
limit 200
