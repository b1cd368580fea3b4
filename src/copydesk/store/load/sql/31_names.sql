-- Authors, tags, places and sections, each once, and their links to revisions.

create or replace temp table named_authors as
select w.revision_id, i.position, i.name, i.kind,
    desk_key('author' || chr(31) || i.name || chr(31) || i.kind) as author_id
from in_authors as i join written_revisions as w on w.part = i.part and w.capture_key = i.capture_id;

insert into main.authors
select distinct author_id, name, kind::main.author_kind as kind from named_authors
where author_id not in (select author_id from main.authors);
insert into main.revision_authors select revision_id, position, author_id from named_authors;

create or replace temp table named_tags as
select w.revision_id, i.position, i.name, desk_key('tag' || chr(31) || i.name) as tag_id
from in_tags as i join written_revisions as w on w.part = i.part and w.capture_key = i.capture_id;

insert into main.tags
select distinct tag_id, name from named_tags where tag_id not in (select tag_id from main.tags);
insert into main.revision_tags select revision_id, position, tag_id from named_tags;

-- A section is known by its publisher and the whole path to it.
create or replace temp table named_sections as
with steps as (
    select w.revision_id, i.position, i.name,
        desk_key('publisher' || chr(31) || w.publisher) as publisher_id, w.publisher,
        list(i.name) over (partition by w.revision_id order by i.position) as path
    from in_sections as i join written_revisions as w on w.part = i.part and w.capture_key = i.capture_id
)
select *,
    desk_key('section' || chr(31) || publisher || chr(31) || array_to_string(path, chr(31))) as section_id,
    case when len(path) > 1 then
        desk_key('section' || chr(31) || publisher || chr(31) || array_to_string(path[:-2], chr(31)))
    end as parent_section_id
from steps;

insert into main.sections
select distinct section_id, publisher_id, parent_section_id, len(path) as depth, name, path from named_sections
where section_id not in (select section_id from main.sections);
insert into main.revision_sections select revision_id, position, section_id from named_sections;

create or replace temp table named_places as
select revision_id, dateline_text, dateline_place, dateline_agency,
    case when dateline_place is not null then desk_key('place' || chr(31) || dateline_place) end as place_id
from written_revisions
where dateline_text is not null or dateline_place is not null or dateline_agency is not null;

insert into main.places
select distinct place_id, dateline_place from named_places
where place_id is not null and place_id not in (select place_id from main.places);
insert into main.datelines select revision_id, dateline_text, place_id, dateline_agency from named_places;
