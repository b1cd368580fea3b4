-- Pairs: articles with the same text hang on one of them, and those ones are compared with each other.

-- One row per article whose pairs are worked out anew: those with a new text, and all that share a text with them.
create or replace temp table renewed as
with bodies as (
    select body_sha256 from main.sketches where article_id in (select article_id from due)
    union
    select body_sha256 from left_bodies
)
select article_id from due
union
select article_id from main.sketches where body_sha256 in (select body_sha256 from bodies)
union
-- one end of a pair whose other end is gone
select article_id from main.story_pairs where other_article_id not in (select article_id from main.articles)
union
select other_article_id from main.story_pairs where article_id not in (select article_id from main.articles);

delete from main.story_pairs
where article_id in (select article_id from renewed) or other_article_id in (select article_id from renewed)
    or article_id not in (select article_id from main.articles)
    or other_article_id not in (select article_id from main.articles);

-- One row per different text; the article with the smallest key stands for it. A text without words has none.
create or replace temp table texts as
select body_sha256, min(article_id) as article_id, any_value(hashes) as hashes,
    any_value(shingle_count) as shingle_count
from main.sketches
where shingle_count > 0
group by body_sha256;

insert into main.story_pairs
select t.article_id, s.article_id, 1.0, true
from main.sketches as s join texts as t using (body_sha256)
where s.article_id > t.article_id and s.article_id in (select article_id from renewed);

-- Texts that share at least four of their smallest hashes. A hash that more than 200 texts share is a phrase of the
-- trade or of a template; it finds no pairs (and would find 20,000).
create or replace temp table shared as
with hashes as (
    select article_id, unnest(hashes) as hash from texts where shingle_count >= 8
),
telling as (
    select hash from hashes group by hash having count(*) between 2 and 200
),
used as (
    select h.* from hashes as h semi join telling as t using (hash)
)
select least(n.article_id, o.article_id) as article_id, greatest(n.article_id, o.article_id) as other_article_id
from (from used where article_id in (select article_id from renewed)) as n
join used as o on o.hash = n.hash and o.article_id <> n.article_id
group by all
having count(distinct n.hash) >= 4;

-- Of the smallest hashes of both texts together, the share that both have.
create or replace temp table compared as
with pooled as (
    select s.article_id, s.other_article_id, list_sort(list_distinct(list_concat(a.hashes, b.hashes)))[:32] as smallest,
        list_intersect(a.hashes, b.hashes) as common
    from shared as s
    join texts as a on a.article_id = s.article_id
    join texts as b on b.article_id = s.other_article_id
)
select article_id, other_article_id, len(list_intersect(smallest, common)) / len(smallest) as similarity
from pooled;

insert into main.story_pairs
select article_id, other_article_id, similarity, false from compared where similarity >= 0.5;
