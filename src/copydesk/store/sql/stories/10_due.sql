-- Articles whose current text has no sketch yet, and their paragraphs, numbered so that they can be taken in slices.
delete from main.sketches where article_id not in (select article_id from main.articles);

create or replace temp table due as
select a.article_id, a.current_revision_id as revision_id, row_number() over () as number
from main.articles as a left join main.sketches as s using (article_id)
where s.revision_id is distinct from a.current_revision_id;

-- Sorted, not aggregated: DuckDB sorts on disk when memory is short, but keeps all states of an ordered string_agg
-- (100,000 articles ended a load with a limit of 1 GB).
create or replace temp table due_paragraphs as
select d.number, d.article_id, d.revision_id, coalesce(p.text, '') as text
from due as d left join main.paragraphs as p using (revision_id)
order by d.number, p.position;
