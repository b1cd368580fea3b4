select c.position, c.text, c.image_url
from main.articles as a join main.captions as c on c.revision_id = a.current_revision_id
where a.article_id = $id::uuid
order by c.position
limit 200
