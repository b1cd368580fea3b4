-- One row per place and publisher that files from it.
create or replace view main.dateline_places as
select pl.name as place, p.publisher, count(*) as articles, mode(d.agency) as most_common_agency,
    min(coalesce(r.published_at, a.first_seen_at)) as first_at, max(coalesce(r.published_at, a.first_seen_at)) as last_at
from main.articles as a
join main.revisions as r on r.revision_id = a.current_revision_id
join main.datelines as d on d.revision_id = r.revision_id
join main.places as pl using (place_id)
join main.publishers as p on p.publisher_id = a.publisher_id
group by all;
comment on view main.dateline_places is 'One row per place and publisher that files from it.';
comment on column main.dateline_places.articles is 'Number of articles.';
comment on column main.dateline_places.most_common_agency is 'The agency named most often.';
comment on column main.dateline_places.first_at is 'The earliest, by the date the page gives, else by when it was seen (UTC).';
comment on column main.dateline_places.last_at is 'The latest, likewise.';
