-- One row per article and step of its current section path.
create or replace view main.article_sections as
select a.article_id, rs.position, rs.section_id, s.name, s.path
from main.articles as a
join main.revision_sections as rs on rs.revision_id = a.current_revision_id
join main.sections as s using (section_id);
comment on view main.article_sections is 'One row per article and step of its current section path.';
comment on column main.article_sections.article_id is 'The article.';
comment on column main.article_sections.position is '1 is the outermost section.';
comment on column main.article_sections.section_id is 'The section.';
comment on column main.article_sections.name is 'Name of the section.';
comment on column main.article_sections.path is 'Names from the outermost section to this one.';
