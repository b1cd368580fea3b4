-- One row per asked hash and text that has it. `found` has all of them, with the row of the signature.
create or replace temp table hash_hits as
select f.hash, t.text, t.article_id
from found as f join texts as t using (place);

-- Inverted index of the asked hashes that two texts share: hash -> its first four texts, in the order of `text_number`,
-- which later texts do not change.
create or replace temp table hash_index as
select hash, min(text, 4) as first_texts, count(*) as texts
from hash_hits
group by hash
having count(*) > 1;
