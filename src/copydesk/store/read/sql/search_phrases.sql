-- The articles of a list whose title or text has every phrase, word for word; case, accents and punctuation apart.
with wanted as (
    select a.article_id, a.current_revision_id as revision_id
    from main.articles as a
    where a.article_id in (select unnest($ids::varchar[])::uuid)
),
texts as (
    select w.article_id, any_value(r.title) as title, string_agg(p.text, chr(10) order by p.position) as text
    from wanted as w
    join main.revisions as r using (revision_id)
    left join main.paragraphs as p using (revision_id)
    group by w.article_id
),
plain as (
    select article_id, ' ' || regexp_replace(
        regexp_replace(lower(strip_accents(coalesce(title, '') || chr(10) || coalesce(text, ''))), $unspaced, ' \1 ', 'g'),
        $not_a_word, ' ', 'g') || ' ' as text
    from texts
),
phrases as (
    select ' ' || trim(regexp_replace(lower(strip_accents(p)), $not_a_word, ' ', 'g')) || ' ' as phrase
    from (select unnest($phrases::varchar[]) as p)
)
select article_id::varchar
from plain
where (select bool_and(contains(plain.text, phrase)) from phrases)
