-- One row per smallest hash of a renewed text and article that has it too. All other texts are only looked through:
-- a warehouse of a million articles has 32 million hashes.
create or replace temp table found as
with asked as (
    select distinct unnest(hashes) as hash
    from main.sketches
    where shingle_count >= 8 and article_id in (select article_id from renewed)
    union
    select unnest(hashes) as hash from left_texts
)
select s.hash, s.article_id, s.body_sha256
from (select article_id, body_sha256, unnest(hashes) as hash from main.sketches where shingle_count >= 8) as s
semi join asked using (hash);
