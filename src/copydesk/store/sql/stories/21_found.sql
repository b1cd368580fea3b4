-- One row per smallest hash of a renewed text and article that has it too. All other texts are only looked through (a
-- warehouse of a million articles has 32 million hashes), and what too many or no others have is not kept.
create or replace temp table asked as
select distinct unnest(hashes) as hash
from main.sketches
where shingle_count >= 8 and article_id in (select article_id from renewed)
union
select unnest(hashes) as hash from left_texts;

-- Half a megabyte of bits says of nearly every hash that nobody asks for it, before it is looked up: of 60,000 texts
-- that took 0.09 s, a join 0.2 s.
create or replace temp table asked_bits as
select bitstring_agg((hash & 4194303)::integer, 0, 4194303) as bits from asked;

create or replace temp table likely as
select hash, number
from (select unnest(hashes) as hash, rowid as number from main.sketches where shingle_count >= 8)
where get_bit((select bits from asked_bits), (hash & 4194303)::integer) = 1;

create or replace temp table held as
select hash, number from likely semi join asked using (hash);

-- Texts that stay as they are count once, however often they were printed: copies hang on one of them.
create or replace temp table telling as
with copies as (
    select other_article_id as article_id from main.story_pairs where same_text
),
standing as (
    select rowid as number from main.sketches
    where article_id not in (select article_id from renewed) and article_id not in (select article_id from copies)
)
select hash
from held
group by hash
having count(*) > 1 and count(*) filter (number in (select number from standing)) <= 200;

create or replace temp table found as
select h.hash, s.article_id, s.body_sha256
from (from held semi join telling using (hash)) as h join main.sketches as s on s.rowid = h.number;
