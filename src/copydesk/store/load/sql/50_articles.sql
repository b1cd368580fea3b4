-- Articles and publishers touched by this load, recomputed.

create or replace temp table written_articles as
with times as (
    select article_id, min(captured_at) as first_seen_at, max(captured_at) as last_seen_at,
        count(distinct revision_id) as revision_count,
        arg_min(source, step) as source, arg_min(uri, step) as uri, arg_max(revision_id, step) as current_revision_id
    from seen
    group by article_id
),
addresses as (
    select article_id, any_value(address) as address
    from (
        select article_id, address from new_articles
        union all
        select article_id, address from main.articles where article_id in (select article_id from touched)
    )
    group by article_id
)
select t.article_id, t.source, t.uri, a.address, r.publisher_id, t.current_revision_id, t.revision_count,
    t.first_seen_at, t.last_seen_at
from times as t
join main.revisions as r on r.revision_id = t.current_revision_id
left join addresses as a on a.article_id = t.article_id;

-- Publishers that gain, change or lose a text, be it an article's current one or not.
create or replace temp table touched_publishers as
select publisher_id from publishers_before
union
select publisher_id from main.revisions where article_id in (select article_id from touched);

delete from main.articles where article_id in (select article_id from touched);
insert into main.articles by name select * from written_articles;

update main.article_aliases as a set article_id = s.first_article_id
from same_page as s where s.article_id = a.article_id;
delete from main.article_aliases where alias_id in (select first_article_id from same_page);
insert or replace into main.article_aliases by name
select article_id as alias_id, first_article_id as article_id from same_page;
delete from main.article_aliases
where article_id in (select article_id from touched) and article_id not in (select article_id from main.articles);

-- An article that no capture gives any more is gone, with all its texts: its captures are in quarantine.
create or replace temp table gone as
select revision_id from main.revisions
where article_id in (select article_id from touched) and article_id not in (select article_id from main.articles);

insert into changed_entities
select distinct entity_id from main.mentions where revision_id in (select revision_id from gone);

delete from main.revisions where revision_id in (select revision_id from gone);
delete from main.paragraphs where revision_id in (select revision_id from gone);
delete from main.revision_authors where revision_id in (select revision_id from gone);
delete from main.revision_sections where revision_id in (select revision_id from gone);
delete from main.revision_tags where revision_id in (select revision_id from gone);
delete from main.captions where revision_id in (select revision_id from gone);
delete from main.links where revision_id in (select revision_id from gone);
delete from main.quotes where revision_id in (select revision_id from gone);
delete from main.mentions where revision_id in (select revision_id from gone);
delete from main.revision_topics where revision_id in (select revision_id from gone);
delete from main.datelines where revision_id in (select revision_id from gone);
delete from main.revision_changes where revision_id in (select revision_id from gone);

create or replace temp table publisher_names as
select desk_key('publisher' || chr(31) || publisher) as publisher_id, any_value(publisher) as publisher
from new_articles group by publisher
union
select publisher_id, publisher from main.publishers where publisher_id in (select publisher_id from touched_publishers);

delete from main.publishers where publisher_id in (select publisher_id from touched_publishers);
insert into main.publishers by name
with named as (
    select publisher_id, arg_max(publisher_name, (captured_at, capture_id)) as name
    from main.revisions
    where publisher_id in (select publisher_id from touched_publishers) and publisher_name is not null
    group by publisher_id
),
times as (
    select publisher_id, min(valid_from) as first_seen_at, max(last_seen_at) as last_seen_at
    from main.revisions
    where publisher_id in (select publisher_id from touched_publishers)
    group by publisher_id
)
select t.publisher_id, p.publisher, n.name, t.first_seen_at, t.last_seen_at
from times as t join publisher_names as p using (publisher_id) left join named as n using (publisher_id);

-- Names that no revision gives any more. Only a load that rewrote or removed revisions can leave some.
delete from main.authors where author_id not in (select author_id from main.revision_authors);
delete from main.tags where tag_id not in (select tag_id from main.revision_tags);
delete from main.sections where section_id not in (select section_id from main.revision_sections);
delete from main.places where place_id not in (select place_id from main.datelines where place_id is not null);
