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

-- One row per accepted capture: its article, and the facts its revision has by it.
create or replace temp table new_articles as
select * replace (capture_id::uuid as capture_id, article_id::uuid as article_id, revision_id::uuid as revision_id)
from in_articles as a
where exists (from in_accepted as ok where ok.capture_id = a.capture_id and ok.revision_id = a.revision_id)
    and a.capture_id not in (from kept_out)
qualify row_number() over (partition by capture_id order by captured_at desc, revision_id) = 1;

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
where c.article_id is not null;

-- One row per revision that a capture gave before and, under the rules of this load, gives no more.
create or replace temp table left_behind as
select c.revision_id, any_value(d.revision_id) as replaced_by_revision_id, max(d.rules_version) as rules_version
from audit.captures as c join decided as d using (capture_id)
where c.revision_id is not null and c.revision_id is distinct from d.revision_id
group by c.revision_id;
