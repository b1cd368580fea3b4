-- Staging tables of this load; in_* are views over the Parquet files of its parts.

-- One row per capture of a forgotten page: it is blocked, however it was captured again.
create or replace temp table kept_out as
with pages as (select value from audit.forgotten where kind = 'uri')
select capture_id from in_captures
where sha256(uri) in (from pages) or sha256(source || chr(10) || uri) in (from pages) or sha256(url) in (from pages)
union
select capture_id from in_articles
where sha256(address) in (from pages)
    or publisher in (select value from audit.forgotten where kind = 'publisher')
union
select capture_id from in_rejections
where sha256(uri) in (from pages) or sha256(source || chr(10) || uri) in (from pages);

-- One row per capture of the run, as it was seen last.
create or replace temp table new_captures as
select * replace (capture_id::uuid as capture_id)
from in_captures
where capture_id not in (from kept_out)
qualify row_number() over (partition by capture_id order by captured_at desc, path, "offset", member) = 1;

-- One row per accepted capture: its article, and the facts its revision has by it. `capture_key` is the capture's key as
-- the parts write it: to compare it with that of each line of a part is faster than to cast the line's.
create or replace temp table new_articles as
select * replace (capture_id::uuid as capture_id, article_id::uuid as article_id, revision_id::uuid as revision_id),
    capture_id as capture_key
from in_articles as a
where exists (from in_accepted as ok where ok.capture_id = a.capture_id and ok.revision_id = a.revision_id)
    and a.capture_id not in (from kept_out)
qualify row_number() over (partition by capture_id order by captured_at desc, revision_id) = 1;

-- One row per text of an address, in this load or in main. `page` is what addresses of one page have in common when they
-- differ only in what may be tracking: query, fragment, last slash, "www.". Short texts, and those that one page gives
-- under more than a hundred addresses (a notice in the place of every story), prove nothing.
create or replace temp table page_texts as
with texts as (
    select article_id, address, text_sha256 from new_articles
    where address is not null and title is not null and body_chars >= 200
    union
    select r.article_id, a.address, r.text_sha256
    from main.revisions as r join main.articles as a using (article_id)
    where r.text_sha256 in (select text_sha256 from new_articles where address is not null)
        and a.address is not null and r.title is not null and r.body_chars >= 200
)
select article_id, text_sha256,
    regexp_extract(address, '^https?://(?:(?:www|m|mobile|amp)\.)?([^?#]*?)/*(?:[?#].*)?$', 1) as page
from texts
qualify count(*) over (partition by page, text_sha256) <= 100;

-- One row per article that is another one: addresses of one page that gave the same title and text, now or before, are
-- one article, which has key and address of the one that was seen first.
create or replace temp table same_page as
with recursive pairs as (
    select a.article_id, b.article_id as other_id
    from page_texts as a join page_texts as b using (page, text_sha256)
    where a.article_id <> b.article_id and page <> ''
    union
    select alias_id, article_id from main.article_aliases where alias_id in (select article_id from new_articles)
    union
    select article_id, alias_id from main.article_aliases where alias_id in (select article_id from new_articles)
),
reached as (
    select article_id, article_id as other_id from pairs
    union
    select r.article_id, p.other_id from reached as r join pairs as p on p.article_id = r.other_id
),
sights as (
    select n.article_id, n.address, min(i.captured_at) as seen_at
    from new_articles as n join in_captures as i on i.capture_id::uuid = n.capture_id
    where n.article_id in (select article_id from pairs)
    group by all
    union all
    select article_id, address, first_seen_at from main.articles where article_id in (select article_id from pairs)
),
first_ones as (
    select distinct r.article_id, first_value(s.article_id) over first_seen as first_article_id,
        first_value(s.address) over first_seen as first_address
    from reached as r join sights as s on s.article_id = r.other_id
    window first_seen as (
        partition by r.article_id order by s.seen_at, length(s.address), s.address
        rows between unbounded preceding and unbounded following
    )
)
select * from first_ones where article_id <> first_article_id;

create or replace temp table new_articles as
select n.* replace (
    coalesce(s.first_article_id, n.article_id) as article_id,
    case
        when s.first_article_id is null then n.revision_id
        else desk_key('revision' || chr(31) || s.first_article_id::varchar || chr(31) || n.text_sha256)::uuid
    end as revision_id,
    coalesce(s.first_address, n.address) as address
)
from new_articles as n left join same_page as s using (article_id);

-- One row per text in main of an article that is another one, or is that other one; of several equal texts the facts are
-- those of the latest capture.
create or replace temp table renamed as
with texts as (
    select r.revision_id, r.text_sha256, r.captured_at, r.capture_id,
        coalesce(s.first_article_id, r.article_id) as first_article_id
    from main.revisions as r left join same_page as s using (article_id)
    where r.article_id in (select article_id from same_page union select first_article_id from same_page)
)
select revision_id, first_article_id,
    desk_key('revision' || chr(31) || first_article_id::varchar || chr(31) || text_sha256)::uuid as first_revision_id,
    row_number() over (
        partition by first_article_id, text_sha256 order by captured_at desc, capture_id desc
    ) as place
from texts;

-- One row per capture that was stopped; check's reasons take precedence.
create or replace temp table new_rejected as
with said as (
    select 1 as rank, capture_id::uuid as capture_id, source, uri, stage, reason, rules, measured, detail, excerpt
    from in_quarantine
    union all by name
    select 2 as rank, capture_id::uuid as capture_id, source, uri, stage, reason, detail, excerpt
    from in_rejections
)
select s.*, c.captured_at
from said as s left join new_captures as c using (capture_id)
where not exists (from new_articles as a where a.capture_id = s.capture_id)
    and s.capture_id::varchar not in (from kept_out)
qualify row_number() over (partition by s.capture_id order by s.rank, s.stage, s.reason) = 1;

-- One row per capture that this load decides on. A capture of a held batch has no row: it waits.
create or replace temp table decided as
select capture_id, 'loaded'::audit.outcome as outcome, article_id, revision_id, rules_version
from new_articles
union all by name
select capture_id, 'quarantined'::audit.outcome as outcome
from new_rejected
where capture_id in (select capture_id from new_captures);

-- One row per capture that an earlier load decided on; only of those can there be rows to replace. Asked first, since
-- looking through millions of lines for rows that cannot be there takes longer than the load.
create or replace temp table decided_before as
select capture_id from decided where capture_id in (select capture_id from audit.captures);

-- One row per article whose rows this load may change: those it brings and those a capture leaves.
create or replace temp table touched as
select article_id from new_articles
union
select c.article_id
from audit.captures as c join decided as d using (capture_id)
where c.article_id is not null
union
select article_id from same_page
union
select first_article_id from same_page;

-- One row per revision that a capture gave before and, under the rules of this load, gives no more.
create or replace temp table left_behind as
select c.revision_id, any_value(d.revision_id) as replaced_by_revision_id, max(d.rules_version) as rules_version
from audit.captures as c join decided as d using (capture_id)
where c.revision_id is not null and c.revision_id is distinct from d.revision_id
group by c.revision_id;
