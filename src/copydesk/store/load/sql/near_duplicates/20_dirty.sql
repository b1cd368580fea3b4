-- One row per article whose pairs must be computed again: those with a new text, and all that share a text with them.
create or replace temp table dirty as
with bodies as (
    select body_sha256 from main.sketches where article_id in (select article_id from due)
    union
    select body_sha256 from removed_texts
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
where article_id in (select article_id from dirty) or other_article_id in (select article_id from dirty)
    or article_id not in (select article_id from main.articles)
    or other_article_id not in (select article_id from main.articles);

-- The article with the smallest key stands for all with its text. A text without words has none.
insert into main.story_pairs
with first_prints as (
    select body_sha256, min(article_id) as article_id
    from main.sketches
    where shingle_count > 0
        and body_sha256 in (select body_sha256 from main.sketches where article_id in (select article_id from dirty))
    group by body_sha256
)
select t.article_id, s.article_id, 1.0, true
from main.sketches as s join first_prints as t using (body_sha256)
where s.article_id > t.article_id and s.article_id in (select article_id from dirty);
