-- Revisions and their child rows. The facts of a revision are those of the latest capture with its text.

-- Publishers that the touched articles' texts had before this load: some may lose their last one.
create or replace temp table publishers_before as
select distinct publisher_id from main.revisions where article_id in (select article_id from touched);

-- Texts of articles that are one from here on.
update left_behind as l set revision_id = n.first_revision_id
from renamed as n where n.revision_id = l.revision_id;
delete from left_behind where revision_id = replaced_by_revision_id;
update main.revisions as r set replaced_by_revision_id = n.first_revision_id
from renamed as n where n.revision_id = r.replaced_by_revision_id and n.revision_id <> n.first_revision_id;

create or replace temp table replaced as select revision_id from renamed where place > 1;

-- Entities whose mentions this load may change: those of texts that go or are written again, and those it brings.
create or replace temp table changed_entities as
select distinct entity_id from main.mentions where revision_id in (select revision_id from replaced);
delete from renamed where place > 1 or revision_id = first_revision_id;

delete from main.revisions where revision_id in (select revision_id from replaced);
delete from main.paragraphs where revision_id in (select revision_id from replaced);
delete from main.revision_authors where revision_id in (select revision_id from replaced);
delete from main.revision_sections where revision_id in (select revision_id from replaced);
delete from main.revision_tags where revision_id in (select revision_id from replaced);
delete from main.captions where revision_id in (select revision_id from replaced);
delete from main.links where revision_id in (select revision_id from replaced);
delete from main.quotes where revision_id in (select revision_id from replaced);
delete from main.mentions where revision_id in (select revision_id from replaced);
delete from main.revision_topics where revision_id in (select revision_id from replaced);
delete from main.datelines where revision_id in (select revision_id from replaced);
delete from main.revision_changes where revision_id in (select revision_id from replaced);

update main.revisions as r set revision_id = n.first_revision_id, article_id = n.first_article_id
from renamed as n where n.revision_id = r.revision_id;
update main.paragraphs as t set revision_id = n.first_revision_id
from renamed as n where n.revision_id = t.revision_id;
update main.revision_authors as t set revision_id = n.first_revision_id
from renamed as n where n.revision_id = t.revision_id;
update main.revision_sections as t set revision_id = n.first_revision_id
from renamed as n where n.revision_id = t.revision_id;
update main.revision_tags as t set revision_id = n.first_revision_id
from renamed as n where n.revision_id = t.revision_id;
update main.captions as t set revision_id = n.first_revision_id
from renamed as n where n.revision_id = t.revision_id;
update main.links as t set revision_id = n.first_revision_id
from renamed as n where n.revision_id = t.revision_id;
update main.quotes as t set revision_id = n.first_revision_id
from renamed as n where n.revision_id = t.revision_id;
update main.mentions as t set revision_id = n.first_revision_id
from renamed as n where n.revision_id = t.revision_id;
update main.revision_topics as t set revision_id = n.first_revision_id
from renamed as n where n.revision_id = t.revision_id;
update main.datelines as t set revision_id = n.first_revision_id
from renamed as n where n.revision_id = t.revision_id;
update main.revision_changes as t set revision_id = n.first_revision_id
from renamed as n where n.revision_id = t.revision_id;

-- One row per revision that is new, or has a capture at least as late as the one its facts are from.
create or replace temp table written_revisions as
select n.*
from new_articles as n left join main.revisions as r using (revision_id)
where r.revision_id is null or (n.captured_at, n.capture_id) >= (r.captured_at, r.capture_id)
qualify row_number() over (partition by n.revision_id order by n.captured_at desc, n.capture_id desc) = 1;

create or replace temp table rewritten as
select revision_id from written_revisions where revision_id in (select revision_id from main.revisions);

insert into changed_entities
select distinct entity_id from main.mentions where revision_id in (select revision_id from rewritten);

delete from main.revisions where revision_id in (select revision_id from rewritten);
delete from main.paragraphs where revision_id in (select revision_id from rewritten);
delete from main.revision_authors where revision_id in (select revision_id from rewritten);
delete from main.revision_sections where revision_id in (select revision_id from rewritten);
delete from main.revision_tags where revision_id in (select revision_id from rewritten);
delete from main.captions where revision_id in (select revision_id from rewritten);
delete from main.links where revision_id in (select revision_id from rewritten);
delete from main.quotes where revision_id in (select revision_id from rewritten);
delete from main.mentions where revision_id in (select revision_id from rewritten);
delete from main.revision_topics where revision_id in (select revision_id from rewritten);
delete from main.datelines where revision_id in (select revision_id from rewritten);

insert into main.revisions by name
select
    revision_id, article_id, title, coalesce(language, 'und') as language, published_at,
    published_precision::main.precision_kind as published_precision, published_zoned, modified_at,
    desk_key('publisher' || chr(31) || publisher) as publisher_id, publisher_name, agency, credit, image_url,
    comment_count, body_chars, body_words, paragraph_count, block_count, cut_count, page_chars, confidence,
    span_probability, template, truncated, extractor, charset, text_sha256, capture_id, captured_at, code_version, rules_version
from written_revisions;

insert into main.paragraphs by name
select w.revision_id, i.position, i.kind::main.paragraph_kind as kind,
    coalesce(i.level, 0) as level, i.text, i.block
from in_paragraphs as i join written_revisions as w on w.part = i.part and w.capture_key = i.capture_id;

insert into main.captions by name
select w.revision_id, i.position, i.text, i.image_url
from in_captions as i join written_revisions as w on w.part = i.part and w.capture_key = i.capture_id;

insert into main.links by name
select w.revision_id, i.position, i.url, i.text, i.paragraph
from in_links as i join written_revisions as w on w.part = i.part and w.capture_key = i.capture_id;

insert into main.quotes by name
select w.revision_id, i.position, i.paragraph, i.start_char, i.end_char, i.text, i.kind, nullif(i.cue, '') as cue,
    i.speaker, i.speaker_name, i.speaker_paragraph, i.speaker_start_char, i.speaker_end_char, i.rule, i.confidence
from in_quotes as i join written_revisions as w on w.part = i.part and w.capture_key = i.capture_id;
