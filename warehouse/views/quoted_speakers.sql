-- One row per speaker: how often quoted, in how many articles, by whom, since when.
create or replace view main.quoted_speakers as
select coalesce(e.name, q.speaker_name) as speaker, any_value(q.person_id) as person_id, count(*) as quotes, count(distinct a.article_id) as articles,
    count(distinct p.publisher) as publisher_count, list_sort(list_distinct(list(p.publisher))) as publishers,
    min(coalesce(r.published_at, a.first_seen_at)) as first_at, max(coalesce(r.published_at, a.first_seen_at)) as last_at
from main.quotes as q
join main.articles as a on a.current_revision_id = q.revision_id
join main.revisions as r on r.revision_id = q.revision_id
join main.publishers as p on p.publisher_id = a.publisher_id
left join main.entities as e on e.entity_id = q.person_id
where q.speaker_name is not null
group by coalesce(e.name, q.speaker_name);
comment on view main.quoted_speakers is 'One row per speaker: how often quoted, in how many articles, by whom, since when.';
comment on column main.quoted_speakers.speaker is 'The person''s name where the person is known, else the fullest form that the article gives.';
comment on column main.quoted_speakers.person_id is 'The person, where known.';
comment on column main.quoted_speakers.quotes is 'Number of quotes.';
comment on column main.quoted_speakers.articles is 'Articles that quote them.';
comment on column main.quoted_speakers.publisher_count is 'Publishers that quote them; 1: quoted by one side only.';
comment on column main.quoted_speakers.publishers is 'Those publishers, sorted.';
comment on column main.quoted_speakers.first_at is 'Date of the first article, by the date the page gives, else by when it was seen (UTC).';
comment on column main.quoted_speakers.last_at is 'Date of the latest, likewise.';
