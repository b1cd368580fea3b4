-- The facts of an article that its view does not have: its capture and its story.
select a.article_id::varchar as article_id, r.revision_id::varchar as revision_id, r.capture_id::varchar as capture_id,
    a.first_seen_at, a.last_seen_at, a.source, c.uri as capture_uri, c.url, c.captured_at, c.media_type, r.charset,
    c.size_bytes, c.sha256, c.http_status, c.run_id, c.carrier, r.extractor, r.rules_version, r.code_version,
    r.modified_at, r.image_url, r.body_chars, r.page_chars, r.block_count, r.cut_count, r.number as revision_number,
    (select s.story_id::varchar from main.story_articles as s where s.article_id = a.article_id) as story_id,
    (select list(t.name order by rt.position) from main.revision_tags as rt join main.tags as t using (tag_id)
        where rt.revision_id = r.revision_id) as tags,
    (select any_value(d.text) from main.datelines as d where d.revision_id = r.revision_id) as dateline
from main.articles as a
join main.revisions as r on r.revision_id = a.current_revision_id
left join audit.captures as c on c.capture_id = r.capture_id
where a.article_id = $id::uuid
