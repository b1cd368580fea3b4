-- Articles whose pairs others change: a pair may end when the first four of a hash change, and the first four of a hash
-- that lost one of them are compared with all others anew, since one has moved up.
create or replace temp table displaced as
with changed as (
    select hash
    from (select hash, unnest(first_texts) as text from pivots)
    where text in (
        select text_number(body_sha256) from main.sketches where article_id in (select article_id from due)
    )
),
moved_up as (
    select unnest(p.first_texts) as text
    from (select unnest(hashes) as hash, text_number(body_sha256) as text from left_texts) as l
    join pivots as p using (hash)
    where p.texts < 4 or l.text < p.first_texts[-1]
),
paired as (
    select article_id from main.story_pairs where not same_text
    union
    select other_article_id from main.story_pairs where not same_text
)
select article_id
from (select article_id, unnest(hashes) as hash from texts where article_id in (select article_id from paired))
where hash in (select hash from changed)
union
select article_id from texts where text in (select text from moved_up);

delete from displaced where article_id in (select article_id from renewed);
insert into renewed select article_id from displaced;

delete from main.story_pairs
where not same_text
    and (article_id in (select article_id from displaced) or other_article_id in (select article_id from displaced));
