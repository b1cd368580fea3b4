-- In a crowd (a hash of many texts) who is compared with whom depends on all of it, so a crowd that gained or lost a
-- text is worked out anew. One that was too large before and still is has no pairs, then as now.
create or replace temp table crowded as
with gained as (
    select distinct body_sha256 from main.sketches where article_id in (select article_id from due)
),
lost as (
    select distinct unnest(hashes) as hash from left_texts
),
crowds as (
    select f.hash, count(distinct f.body_sha256) as texts,
        count(distinct f.body_sha256) filter (f.body_sha256 in (from gained)) as new_texts,
        bool_or(f.hash in (from lost)) as has_lost
    from found as f
    group by f.hash
)
select distinct f.article_id
from found as f
join crowds as c using (hash)
where ((c.texts > 16 and c.new_texts > 0) or c.has_lost) and c.texts - c.new_texts <= 200
    and f.article_id not in (select article_id from renewed);

insert into renewed select article_id from crowded;
