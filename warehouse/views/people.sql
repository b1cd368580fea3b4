-- One row per person: how often and by whom named and quoted, as what, since when.
create or replace view main.people as
with quoted as (
    select q.person_id, count(*) as quotes
    from main.quotes as q join main.articles as a on a.current_revision_id = q.revision_id
    where q.person_id is not null
    group by q.person_id
)
select n.entity_id as person_id, n.name, n.country,
    count(*) filter (not n.signs) as articles, count(*) filter (n.signs) as signed,
    cast(sum(n.mentions) as bigint) as mentions, coalesce(any_value(q.quotes), 0) as quotes,
    list_sort(list_distinct(list(n.publisher))) as publishers, mode(n.role order by n.role) as role,
    min(n.printed_at) as first_at, max(n.printed_at) as last_at
from main.article_entities as n
left join quoted as q on q.person_id = n.entity_id
where n.kind = 'person'
group by n.entity_id, n.name, n.country;
comment on view main.people is 'One row per person that current texts name in full: how often and by whom named and quoted, as what, since when.';
comment on column main.people.person_id is 'Key of the person (entities.entity_id, quotes.person_id).';
comment on column main.people.name is 'The name.';
comment on column main.people.country is 'ISO 3166 code of the country a known person stands for; null where unknown.';
comment on column main.people.articles is 'Articles that name the person in title, text or captions.';
comment on column main.people.signed is 'Articles that the person signs and that do not name them otherwise.';
comment on column main.people.mentions is 'Mentions in all of them.';
comment on column main.people.quotes is 'Quotes of the person; view person_topics has what they are about.';
comment on column main.people.publishers is 'Publishers of those articles, sorted; one: named by one side only.';
comment on column main.people.role is 'The title or role that most articles put beside the name; null without one.';
comment on column main.people.first_at is 'Date of the first of those articles, by the date the page gives, else by when it was seen (UTC).';
comment on column main.people.last_at is 'Date of the latest, likewise.';
