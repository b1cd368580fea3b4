-- One row per article: its current text's facts.
create or replace view main.latest_articles as
select a.article_id, r.revision_id, p.publisher, r.title,
    -- subqueries per row, not joins: asked for one article, its authors alone are read, not those of all
    (
        select list(n.name order by s.position)
        from main.revision_authors as s join main.authors as n using (author_id)
        where s.revision_id = a.current_revision_id
    ) as authors,
    r.published_at, r.published_precision, r.modified_at, r.language,
    (
        select arg_max(n.path, s.position)
        from main.revision_sections as s join main.sections as n using (section_id)
        where s.revision_id = a.current_revision_id
    ) as section_path,
    r.agency, r.credit, r.body_words, r.body_chars, r.paragraph_count, r.truncated,
    r.confidence, r.comment_count, r.image_url, a.revision_count, a.first_seen_at, a.last_seen_at, a.source, a.uri,
    a.address
from main.articles as a
join main.revisions as r on r.revision_id = a.current_revision_id
join main.publishers as p on p.publisher_id = a.publisher_id;
comment on view main.latest_articles is 'One row per article: the facts of its current text.';
comment on column main.latest_articles.article_id is 'The article.';
comment on column main.latest_articles.revision_id is 'Its current text.';
comment on column main.latest_articles.authors is 'Names in byline order.';
comment on column main.latest_articles.section_path is 'Section names, outermost first.';
comment on column main.latest_articles.agency is 'News agency named in dateline or credit.';
comment on column main.latest_articles.confidence is 'Word F1 to expect of the text, 0 to 1.';
comment on column main.latest_articles.image_url is 'Address of the lead picture.';
comment on column main.latest_articles.first_seen_at is 'When it was first seen (UTC).';
comment on column main.latest_articles.last_seen_at is 'When it was last seen (UTC).';
comment on column main.latest_articles.source is 'Source that saw it first.';
comment on column main.latest_articles.uri is 'Address or path under which it was seen first.';
