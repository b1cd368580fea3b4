-- One row per article: its current text, paragraphs joined by a blank line.
create or replace view main.article_text as
with texts as (
    select revision_id, string_agg(text, chr(10) || chr(10) order by position) as text
    from main.paragraphs
    group by revision_id
)
select a.article_id, r.revision_id, p.publisher, r.title, r.language, r.published_at, a.address, a.source, a.uri,
    coalesce(t.text, '') as text
from main.articles as a
join main.revisions as r on r.revision_id = a.current_revision_id
join main.publishers as p on p.publisher_id = a.publisher_id
left join texts as t on t.revision_id = r.revision_id;
comment on view main.article_text is 'One row per article: its current text, paragraphs joined by a blank line.';
comment on column main.article_text.article_id is 'The article.';
comment on column main.article_text.revision_id is 'Its current text.';
comment on column main.article_text.source is 'Source that saw it first.';
comment on column main.article_text.uri is 'Address or path under which it was seen first.';
comment on column main.article_text.text is 'Its paragraphs, joined by a blank line.';
