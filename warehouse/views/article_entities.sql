-- One row per article and person, organisation or place that its current text names.
create or replace view main.article_entities as
with named as (
    select revision_id, entity_id, count(*) as mentions, bool_or(field = 'title') as in_title,
        min(paragraph) filter (field = 'body') as first_paragraph,
        arg_min(role, position) filter (role is not null) as role,
        bool_and(field = 'byline') as signs
    from main.mentions
    where entity_id is not null
    group by revision_id, entity_id
)
select a.article_id, n.entity_id, e.kind, e.name, e.country, n.mentions, n.in_title, n.first_paragraph, n.role, n.signs,
    p.publisher, coalesce(r.published_at, a.first_seen_at) as printed_at
from main.articles as a
join named as n on n.revision_id = a.current_revision_id
join main.entities as e using (entity_id)
join main.revisions as r on r.revision_id = a.current_revision_id
join main.publishers as p on p.publisher_id = a.publisher_id;
comment on view main.article_entities is 'One row per article and person, organisation or place that its current text names.';
comment on column main.article_entities.article_id is 'The article.';
comment on column main.article_entities.entity_id is 'The person, organisation or place.';
comment on column main.article_entities.kind is 'person, organisation or place.';
comment on column main.article_entities.name is 'Its name.';
comment on column main.article_entities.country is 'ISO 3166 code; null where unknown.';
comment on column main.article_entities.mentions is 'How often the article names it.';
comment on column main.article_entities.in_title is 'Whether the headline names it.';
comment on column main.article_entities.first_paragraph is 'The first paragraph that names it; null where only title, byline, dateline or captions do.';
comment on column main.article_entities.role is 'The first title or role that stands beside the name; null without one.';
comment on column main.article_entities.signs is 'Whether only the byline names it: who wrote the article.';
comment on column main.article_entities.printed_at is 'Date the page gives, else when it was first seen (UTC).';
