-- Inverted index of the hashes of the dirty texts: hash -> its first four texts, in the order of `text_number`, which
-- later texts do not change. Other hashes are scanned only: a warehouse of a million articles has 32 million.
create or replace temp table asked as
select unnest(hashes) as hash
from main.sketches
where shingle_count >= 8 and article_id in (select article_id from dirty)
union
select unnest(hashes) as hash from removed_texts;

-- Half a megabyte of bits (a Bloom filter with one hash function) rules out nearly every other hash before the lookup.
create or replace temp table asked_bits as
select bitstring_agg((hash & 4194303)::integer, 0, 4194303) as bits from asked;

-- One row per text, however many articles print it: that of the article with the smallest key.
create or replace temp view texts as
select text_number(body_sha256) as text, article_id, hashes
from main.sketches
where shingle_count >= 8
    and article_id not in (select other_article_id from main.story_pairs where same_text);

create or replace temp table hash_index as
select hash, min(text, 4) as first_texts, count(*) as texts
from (select unnest(hashes) as hash, text from texts)
where get_bit((select bits from asked_bits), (hash & 4194303)::integer) = 1 and hash in (select hash from asked)
group by hash
having count(*) > 1;
