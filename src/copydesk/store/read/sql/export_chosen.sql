-- One row per article of a slice of the export, with all exported columns. Needs the temporary table `wanted_slice`
-- (article_id, revision_id, captured_at).
create or replace temp table chosen_slice as
with texts as (
    select revision_id, string_agg(text, chr(10) || chr(10) order by position) as text
    from main.paragraphs where revision_id in (select revision_id from wanted_slice) group by revision_id
),
signed as (
    select revision_id, list(name order by position) as authors
    from main.revision_authors join main.authors using (author_id) group by revision_id
),
filed as (
    select revision_id, list(name order by position) as sections
    from main.revision_sections join main.sections using (section_id) group by revision_id
),
tagged as (
    select revision_id, list(name order by position) as tags
    from main.revision_tags join main.tags using (tag_id) group by revision_id
),
pictured as (
    select revision_id, list(text order by position) as captions from main.captions group by revision_id
)
select w.article_id::varchar as article_id, w.revision_id::varchar as revision_id, p.publisher, r.publisher_name,
    a.source, a.uri, a.address, r.title, coalesce(x.text, '') as text, coalesce(s.authors, []) as authors,
    r.published_at, r.published_precision::varchar as published_precision, r.modified_at, r.language,
    coalesce(f.sections, []) as sections, coalesce(t.tags, []) as tags, pl.name as place, r.agency, r.credit,
    r.image_url, coalesce(c.captions, []) as captions, r.body_words, w.captured_at, r.code_version, r.rules_version
from wanted_slice as w
join main.revisions as r on r.revision_id = w.revision_id
join main.articles as a on a.article_id = w.article_id
join main.publishers as p on p.publisher_id = r.publisher_id
left join texts as x on x.revision_id = r.revision_id
left join signed as s on s.revision_id = r.revision_id
left join filed as f on f.revision_id = r.revision_id
left join tagged as t on t.revision_id = r.revision_id
left join pictured as c on c.revision_id = r.revision_id
left join main.datelines as d on d.revision_id = r.revision_id
left join main.places as pl on pl.place_id = d.place_id;
