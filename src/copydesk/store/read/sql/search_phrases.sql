-- The articles of a list whose title or text has every phrase, word for word, within one paragraph; case, accents and
-- punctuation apart.
with wanted as (
    select a.article_id, a.current_revision_id as revision_id
    from main.articles as a
    where a.article_id in (select unnest($ids::varchar[])::uuid)
),
phrases as (
    select ' ' || trim(regexp_replace(lower(strip_accents(p)), $not_a_word, ' ', 'g')) || ' ' as phrase,
        list_max(list_transform(string_split(trim(regexp_replace(lower(strip_accents(p)), $not_a_word, ' ', 'g')), ' '),
            lambda w: struct_pack(size := length(w), word := w))).word as longest
    from (select unnest($phrases::varchar[]) as p)
),
lines as (
    select w.article_id, r.title as text from wanted as w join main.revisions as r using (revision_id)
    union all
    select w.article_id, p.text from wanted as w join main.paragraphs as p using (revision_id)
),
candidates as (
    select l.article_id, p.phrase, lower(strip_accents(l.text)) as text
    from lines as l join phrases as p on contains(lower(strip_accents(l.text)), p.longest)
),
having_one as (
    select distinct article_id, phrase
    from candidates
    where contains(' ' || regexp_replace(regexp_replace(text, $unspaced, ' \1 ', 'g'), $not_a_word, ' ', 'g') || ' ', phrase)
)
select article_id::varchar
from having_one
group by article_id
having count(*) = (select count(distinct phrase) from phrases)
