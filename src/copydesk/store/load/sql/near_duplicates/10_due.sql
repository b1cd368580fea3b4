-- Articles whose current text has no MinHash signature yet.
delete from main.sketches where article_id not in (select article_id from main.articles);

create or replace temp table due as
select a.article_id, a.current_revision_id as revision_id
from main.articles as a left join main.sketches as s using (article_id)
where s.revision_id is distinct from a.current_revision_id;
