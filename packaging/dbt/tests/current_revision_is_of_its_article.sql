-- Rows are failures: an article whose current revision is missing or of another article.
select a.article_id
from {{ source('copydesk_main', 'articles') }} as a
left join {{ source('copydesk_main', 'revisions') }} as r on r.revision_id = a.current_revision_id
where r.article_id is distinct from a.article_id
