-- The signatures that come with the texts of a load.
create or replace temp table incoming as
select d.article_id, d.revision_id, s.body_sha256, s.shingle_count, s.hashes
from in_sketches as s
join new_articles as n on n.part = s.part and n.capture_key = s.capture_id
join due as d on d.article_id = n.article_id and d.revision_id = n.revision_id
qualify row_number() over (partition by d.article_id order by n.capture_id) = 1;

delete from main.sketches where article_id in (select article_id from incoming);
insert into main.sketches
select article_id, revision_id, body_sha256, shingle_count, hashes from incoming;
