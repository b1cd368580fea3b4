-- One row per article: its current text's facts.
create or replace view main.latest_articles as
with first_sections as (
    select revision_id, arg_max(path, position) as section_path
    from main.revision_sections join main.sections using (section_id)
    group by revision_id
),
signed as (
    select revision_id, list(name order by position) as authors
    from main.revision_authors join main.authors using (author_id)
    group by revision_id
)
select a.article_id, r.revision_id, p.publisher, r.title, s.authors, r.published_at, r.published_precision, r.modified_at,
    r.language, f.section_path, r.agency, r.credit, r.body_words, r.body_chars, r.paragraph_count, r.truncated,
    r.confidence, r.comment_count, r.image_url, a.revision_count, a.first_seen_at, a.last_seen_at, a.source, a.uri,
    a.address
from main.articles as a
join main.revisions as r on r.revision_id = a.current_revision_id
join main.publishers as p on p.publisher_id = a.publisher_id
left join first_sections as f on f.revision_id = r.revision_id
left join signed as s on s.revision_id = r.revision_id;
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
