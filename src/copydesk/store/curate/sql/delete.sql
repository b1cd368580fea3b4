-- Delete all rows of the captures in `leaving` (capture_id, article_id, source, uri), and articles without captures.

create or replace temp table leaving_articles as
select distinct l.article_id
from leaving as l
where l.article_id is not null
    and not exists (
        from audit.captures as c
        where c.article_id = l.article_id and c.capture_id not in (select capture_id from leaving)
    );

create or replace temp table leaving_revisions as
select revision_id from main.revisions where article_id in (select article_id from leaving_articles);

create or replace temp table changed_entities as
select distinct entity_id from main.mentions where revision_id in (select revision_id from leaving_revisions);
create or replace temp table named_entities as
select entity_id, kind, name, name as known_name, country from main.entities where false;

delete from main.paragraphs where revision_id in (select revision_id from leaving_revisions);
delete from main.revision_authors where revision_id in (select revision_id from leaving_revisions);
delete from main.revision_sections where revision_id in (select revision_id from leaving_revisions);
delete from main.revision_tags where revision_id in (select revision_id from leaving_revisions);
delete from main.captions where revision_id in (select revision_id from leaving_revisions);
delete from main.links where revision_id in (select revision_id from leaving_revisions);
delete from main.quotes where revision_id in (select revision_id from leaving_revisions);
delete from main.mentions where revision_id in (select revision_id from leaving_revisions);
delete from main.revision_topics where revision_id in (select revision_id from leaving_revisions);
delete from main.datelines where revision_id in (select revision_id from leaving_revisions);
delete from main.revision_changes where revision_id in (select revision_id from leaving_revisions);
delete from main.revisions where revision_id in (select revision_id from leaving_revisions);
delete from main.articles where article_id in (select article_id from leaving_articles);
delete from main.article_aliases where article_id in (select article_id from leaving_articles);
delete from ops.watch_stories where article_id in (select article_id from leaving_articles);
delete from ops.watch_sent where article_id in (select article_id from leaving_articles);
delete from main.publishers where publisher_id not in (select publisher_id from main.revisions);
delete from main.authors where author_id not in (select author_id from main.revision_authors);
delete from main.tags where tag_id not in (select tag_id from main.revision_tags);
delete from main.sections where section_id not in (select section_id from main.revision_sections);
delete from main.places where place_id not in (select place_id from main.datelines where place_id is not null);

delete from audit.cut_blocks where capture_id in (select capture_id from leaving);
delete from audit.evidence where capture_id in (select capture_id from leaving);
delete from audit.findings where capture_id in (select capture_id from leaving);
delete from audit.quarantine where capture_id in (select capture_id from leaving)
    or (source, uri) in (select source, uri from leaving);
delete from audit.capture_times where capture_id in (select capture_id from leaving);
delete from audit.sightings where (source, uri) in (select source, uri from leaving);
delete from audit.restored_lines where (source, uri) in (select source, uri from leaving);
delete from audit.accepted_pages where (source, uri) in (select source, uri from leaving);
delete from audit.decisions where (source, subject) in (select source, uri from leaving);
delete from audit.captures where capture_id in (select capture_id from leaving);
update audit.boilerplate set sample_capture_ids = null
where list_has_any(sample_capture_ids, (select coalesce(list(capture_id), []) from leaving));
delete from ops.address_state where (source, uri) in (select source, uri from leaving);
delete from ops.fetch_log where (source, uri) in (select source, uri from leaving);

create or replace temp table touched as select article_id from leaving_articles;
