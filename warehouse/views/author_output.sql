-- One row per author and publisher.
create or replace view main.author_output as
select au.name, au.kind, p.publisher, count(*) as articles, cast(sum(r.body_words) as bigint) as words,
    min(coalesce(r.published_at, a.first_seen_at)) as first_at, max(coalesce(r.published_at, a.first_seen_at)) as last_at
from main.articles as a
join main.revisions as r on r.revision_id = a.current_revision_id
join main.revision_authors as ra on ra.revision_id = r.revision_id
join main.authors as au using (author_id)
join main.publishers as p on p.publisher_id = a.publisher_id
group by all;
comment on view main.author_output is 'One row per author and publisher: articles, words, first and last.';
comment on column main.author_output.name is 'Name as signed.';
comment on column main.author_output.kind is 'person or organisation.';
comment on column main.author_output.articles is 'Number of articles.';
comment on column main.author_output.words is 'Words of their kept paragraphs.';
comment on column main.author_output.first_at is 'The earliest, by the date the page gives, else by when it was seen (UTC).';
comment on column main.author_output.last_at is 'The latest, likewise.';
