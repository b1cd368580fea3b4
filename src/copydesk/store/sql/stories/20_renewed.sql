-- One row per article whose pairs are worked out anew: those with a new text, and all that share a text with them.
create or replace temp table renewed as
with bodies as (
    select body_sha256 from main.sketches where article_id in (select article_id from due)
    union
    select body_sha256 from left_texts
)
select article_id from due
union
select article_id from main.sketches where body_sha256 in (select body_sha256 from bodies)
union
-- one end of a pair whose other end is gone
select article_id from main.story_pairs where other_article_id not in (select article_id from main.articles)
union
select other_article_id from main.story_pairs where article_id not in (select article_id from main.articles);
