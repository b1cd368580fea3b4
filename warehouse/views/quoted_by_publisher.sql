-- One row per speaker and publisher: how often quoted there, and whether by nobody else.
create or replace view main.quoted_by_publisher as
with counted as (
    select coalesce(e.name, q.speaker_name) as speaker, p.publisher, count(*) as quotes, count(distinct a.article_id) as articles,
        min(coalesce(r.published_at, a.first_seen_at)) as first_at,
        max(coalesce(r.published_at, a.first_seen_at)) as last_at
    from main.quotes as q
    join main.articles as a on a.current_revision_id = q.revision_id
    join main.revisions as r on r.revision_id = q.revision_id
    join main.publishers as p on p.publisher_id = a.publisher_id
    left join main.entities as e on e.entity_id = q.person_id
    where q.speaker_name is not null
    group by coalesce(e.name, q.speaker_name), p.publisher
)
select speaker, publisher, quotes, articles, first_at, last_at, count(*) over (partition by speaker) = 1 as only_here
from counted;
comment on view main.quoted_by_publisher is 'One row per speaker and publisher: how often quoted there, since when, and whether by nobody else.';
comment on column main.quoted_by_publisher.speaker is 'The person''s name where the person is known, else the fullest form that the article gives.';
comment on column main.quoted_by_publisher.quotes is 'Number of quotes.';
comment on column main.quoted_by_publisher.articles is 'Articles that quote them.';
comment on column main.quoted_by_publisher.first_at is 'Date of the first article, by the date the page gives, else by when it was seen (UTC).';
comment on column main.quoted_by_publisher.last_at is 'Date of the latest, likewise.';
comment on column main.quoted_by_publisher.only_here is 'Whether no other publisher quotes them.';
