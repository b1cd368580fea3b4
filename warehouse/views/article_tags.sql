-- One row per article and tag of its current text.
create or replace view main.article_tags as
select a.article_id, rt.position, rt.tag_id, t.name
from main.articles as a
join main.revision_tags as rt on rt.revision_id = a.current_revision_id
join main.tags as t using (tag_id);
comment on view main.article_tags is 'One row per article and tag of its current text.';
comment on column main.article_tags.article_id is 'The article.';
comment on column main.article_tags.position is 'Order on the page, from 1.';
comment on column main.article_tags.tag_id is 'The tag.';
comment on column main.article_tags.name is 'The tag as written.';
