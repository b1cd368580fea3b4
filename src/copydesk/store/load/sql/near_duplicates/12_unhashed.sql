-- Texts without a signature, numbered so that they can be processed in slices, and their paragraphs.
create or replace temp table unhashed as
select d.article_id, d.revision_id, row_number() over () as number
from due as d anti join main.sketches as s on s.article_id = d.article_id and s.revision_id = d.revision_id;

-- Sorted, not aggregated: DuckDB sorts on disk when memory is short, but keeps all states of an ordered string_agg
-- (100,000 articles ended a load with a limit of 1 GB).
create or replace temp table due_paragraphs as
select d.number, d.article_id, d.revision_id, coalesce(p.text, '') as text
from unhashed as d left join main.paragraphs as p using (revision_id)
order by d.number, p.position;
