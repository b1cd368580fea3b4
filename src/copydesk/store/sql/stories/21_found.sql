-- One row per smallest hash of a renewed text and article that has it too. All other texts are only looked through (a
-- warehouse of a million articles has 32 million hashes), and what nearly all or no others have is not kept.
create or replace temp table asked as
select distinct unnest(hashes) as hash
from main.sketches
where shingle_count >= 8 and article_id in (select article_id from renewed)
union
select unnest(hashes) as hash from left_texts;

create or replace temp table telling as
select hash, count(*) as articles
from (select article_id, unnest(hashes) as hash from main.sketches where shingle_count >= 8) as s
semi join asked using (hash)
group by hash
having count(*) > 1 and count(*) - count(*) filter (article_id in (select article_id from due)) <= 2000;

create or replace temp table found as
select s.hash, s.article_id, s.body_sha256, t.articles
from (select article_id, body_sha256, unnest(hashes) as hash from main.sketches where shingle_count >= 8) as s
join telling as t using (hash);
