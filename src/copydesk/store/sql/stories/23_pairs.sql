-- Pairs: articles with the same text hang on one of them, and those ones are compared with each other.

delete from main.story_pairs
where article_id in (select article_id from renewed) or other_article_id in (select article_id from renewed)
    or article_id not in (select article_id from main.articles)
    or other_article_id not in (select article_id from main.articles);

-- The article with the smallest key stands for all with its text. A text without words has none.
insert into main.story_pairs
with standing as (
    select body_sha256, min(article_id) as article_id
    from main.sketches
    where shingle_count > 0
        and body_sha256 in (select body_sha256 from main.sketches where article_id in (select article_id from renewed))
    group by body_sha256
)
select t.article_id, s.article_id, 1.0, true
from main.sketches as s join standing as t using (body_sha256)
where s.article_id > t.article_id and s.article_id in (select article_id from renewed);

-- One row per different text among those that share a hash, numbered in the order of the keys that stand for them.
create or replace temp table texts as
select row_number() over (order by t.article_id) as number, t.article_id, t.body_sha256,
    t.article_id in (select article_id from renewed) as is_renewed
from (select body_sha256, min(article_id) as article_id from found group by body_sha256) as t;

-- Texts that share at least four of their smallest hashes. A hash that more than 200 texts share is a phrase of the
-- trade or of a template; it finds no pairs (and would find 20,000). Of more than 16 texts each is compared with the
-- first four: near copies of one story hang together by those, and 100 of them need no 5,000 pairs.
create or replace temp table shared as
with shown as (
    select distinct f.hash, t.number, t.is_renewed
    from found as f join texts as t using (body_sha256)
),
placed as (
    select hash, number, is_renewed,
        row_number() over (partition by hash order by number) as place, count(*) over (partition by hash) as texts
    from shown
),
used as (
    select * from placed where texts between 2 and 200
)
select a.number, b.number as other_number
from used as a
join used as b on b.hash = a.hash and b.place > a.place
where (a.is_renewed or b.is_renewed) and (b.texts <= 16 or a.place <= 4)
group by all
having count(*) >= 4;
