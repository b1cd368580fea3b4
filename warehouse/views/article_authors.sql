-- One row per article and author of its current text.
create or replace view main.article_authors as
select a.article_id, ra.position, ra.author_id, au.name, au.kind
from main.articles as a
join main.revision_authors as ra on ra.revision_id = a.current_revision_id
join main.authors as au using (author_id);
comment on view main.article_authors is 'One row per article and author of its current text.';
comment on column main.article_authors.article_id is 'The article.';
comment on column main.article_authors.position is 'Order in the byline, from 1.';
comment on column main.article_authors.author_id is 'The author.';
comment on column main.article_authors.name is 'Name as signed.';
comment on column main.article_authors.kind is 'person or organisation.';
