-- One row per smallest hash of a renewed text and article that has it too. All other texts are only looked through (a
-- warehouse of a million articles has 32 million hashes), and what too many or no others have is not kept.
create or replace temp table asked as
select distinct unnest(hashes) as hash
from main.sketches
where shingle_count >= 8 and article_id in (select article_id from renewed)
union
select unnest(hashes) as hash from left_texts;

-- Texts that stay as they are count once, however often they were printed: copies hang on one of them.
create or replace temp table telling as
with copies as (
    select other_article_id as article_id from main.story_pairs where same_text
),
standing as (
    select hashes,
        article_id not in (select article_id from renewed) and article_id not in (select article_id from copies) as stays
    from main.sketches
    where shingle_count >= 8
)
select hash
from (select unnest(hashes) as hash, stays from standing) as s
semi join asked using (hash)
group by hash
having count(*) > 1 and count(*) filter (stays) <= 200;

create or replace temp table found as
select s.hash, s.article_id, s.body_sha256
from (select article_id, body_sha256, unnest(hashes) as hash from main.sketches where shingle_count >= 8) as s
semi join telling using (hash);
