-- Candidate pairs, one text of each dirty, that share at least four of their smallest hashes. Every text with a hash is
-- compared with the first four only: that is enough to connect the near copies of one story, and 100 of them need no
-- 5,000 pairs.
create or replace temp table dirty_hashes as
select hash, text
from hash_hits
where article_id in (select article_id from dirty) and hash in (select hash from hash_index);

-- A dirty text that is itself among the first four is compared with all texts that have the hash.
create or replace temp table foremost as
select m.hash, m.text
from dirty_hashes as m join hash_index as p using (hash)
where p.texts > 4 and m.text <= p.first_texts[-1];

create or replace temp table shared as
with compared as (
    select m.hash, m.text, unnest(p.first_texts) as other_text from dirty_hashes as m join hash_index as p using (hash)
    union all
    select l.hash, l.text, t.text as other_text
    from hash_hits as t
    join foremost as l using (hash)
),
once as (
    select distinct hash, least(text, other_text) as text, greatest(text, other_text) as other_text
    from compared
    where text <> other_text
)
select text, other_text from once group by all having count(*) >= 4;
