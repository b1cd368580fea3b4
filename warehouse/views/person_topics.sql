-- One row per person, topic and publisher: in how many articles named there, and how often quoted.
create or replace view main.person_topics as
with quoted as (
    select a.article_id, q.person_id, count(*) as quotes
    from main.quotes as q join main.articles as a on a.current_revision_id = q.revision_id
    where q.person_id is not null
    group by all
)
select n.entity_id as person_id, n.name, t.topic, n.publisher, count(*) as articles,
    cast(coalesce(sum(q.quotes), 0) as bigint) as quotes, min(n.printed_at) as first_at, max(n.printed_at) as last_at
from main.article_entities as n
join main.article_topics as t using (article_id)
left join quoted as q on q.article_id = n.article_id and q.person_id = n.entity_id
where n.kind = 'person' and not n.signs
group by all;
comment on view main.person_topics is 'One row per person, media topic and publisher: in how many articles named there, how often quoted, since when.';
comment on column main.person_topics.person_id is 'The person.';
comment on column main.person_topics.name is 'The name.';
comment on column main.person_topics.topic is 'Short name of the topic.';
comment on column main.person_topics.articles is 'Articles of that topic that name the person.';
comment on column main.person_topics.quotes is 'Quotes of the person in them.';
comment on column main.person_topics.first_at is 'Date of the first of them, by the date the page gives, else by when it was seen (UTC).';
comment on column main.person_topics.last_at is 'Date of the latest, likewise.';
