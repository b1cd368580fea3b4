-- The hashes of the dirty texts, and of the texts that are gone.
create or replace temp table asked as
select unnest(hashes) as hash
from main.sketches
where shingle_count >= 8 and article_id in (select article_id from dirty)
union
select unnest(hashes) as hash from removed_texts;

-- One row per text, however many articles print it: that of the article with the smallest key.
create or replace temp view texts as
select text_number(body_sha256) as text, article_id, hashes, rowid as place
from main.sketches
where shingle_count >= 8
    and article_id not in (select other_article_id from main.story_pairs where same_text);
