-- Articles whose story may have changed: dirty and touched ones, those paired with them, and all in the same stories.
create or replace temp table affected as
with near as (
    select article_id from dirty
    union select article_id from touched
    union select p.other_article_id from main.story_pairs as p join dirty as r using (article_id)
    union select p.article_id from main.story_pairs as p join dirty as r on r.article_id = p.other_article_id
),
stories as (
    select story_id from main.story_articles where article_id in (select article_id from near)
    union
    select story_id from main.story_articles where article_id not in (select article_id from main.articles)
)
select article_id from near
union
select article_id from main.story_articles where story_id in (select story_id from stories);

-- Connected components by label propagation: each article starts as its own cluster.
create or replace temp table edges as
select article_id as one, other_article_id as other from main.story_pairs
where article_id in (select article_id from affected)
union all
select other_article_id, article_id from main.story_pairs
where article_id in (select article_id from affected);

create or replace temp table clusters as select distinct one as article_id, one as cluster from edges;
