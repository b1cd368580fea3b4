-- Articles whose pairs are invalidated by other articles: a pair may end when the first four texts of a hash change, and
-- where one of the first four was removed, the next one has moved up and must be compared with all others.
create or replace temp table invalidated as
with changed as (
    select hash
    from (select hash, unnest(first_texts) as text from hash_index)
    where text in (
        select text_number(body_sha256) from main.sketches where article_id in (select article_id from due)
    )
),
moved_up as (
    select unnest(p.first_texts) as text
    from (select unnest(hashes) as hash, text_number(body_sha256) as text from removed_texts) as l
    join hash_index as p using (hash)
    where p.texts < 4 or l.text < p.first_texts[-1]
),
paired as (
    select article_id from main.story_pairs where not same_text
    union
    select other_article_id from main.story_pairs where not same_text
)
select article_id
from hash_hits
where hash in (select hash from changed) and article_id in (select article_id from paired)
union
select article_id from texts where text in (select text from moved_up);

delete from invalidated where article_id in (select article_id from dirty);
insert into dirty select article_id from invalidated;

delete from main.story_pairs
where not same_text
    and (article_id in (select article_id from invalidated) or other_article_id in (select article_id from invalidated));
