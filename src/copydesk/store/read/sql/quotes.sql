-- Quotes of the current texts. $1: words of the speaker's name, $2: publisher ("" for all), $3: how many.
select a.article_id::varchar, p.publisher, r.title, coalesce(r.published_at, a.first_seen_at) as printed_at, q.paragraph,
    q.text, q.kind, q.cue, q.speaker, coalesce(e.name, q.speaker_name) as speaker_name, q.rule, q.confidence
from main.quotes as q
join main.articles as a on a.current_revision_id = q.revision_id
join main.revisions as r on r.revision_id = q.revision_id
join main.publishers as p on p.publisher_id = a.publisher_id
left join main.entities as e on e.entity_id = q.person_id
where ($1 = '' or contains(lower(strip_accents(concat_ws(' ', e.name, q.speaker_name, q.speaker))), lower(strip_accents($1))))
    and ($2 = '' or p.publisher = $2)
order by printed_at desc, a.article_id, q.position
limit $3
