-- The beginning of a search by words: one row per article with any of them, its BM25 score (k1 = 1.2, b = .75) and
-- whether it has every word that its language group knows.
with tokens as (
    select distinct unnest(string_split_regex(
        trim(regexp_replace(lower(strip_accents($words)), $not_a_word, ' ', 'g')), ' +')) as token
),
asked as (
    select termid, any_value(w.articles) as found_in, any_value(g.articles) as articles,
        any_value(g.mean_length) as mean_length, count(*) over (partition by any_value(g.group_name)) as in_group
    from groups as g cross join tokens
    join words as w on w.group_name = g.group_name and w.word = stem(tokens.token, g.stemmer)
    group by termid
),
scored as (
    select p.docid, count(*) = any_value(a.in_group) as has_all,
        sum(log10((a.articles - a.found_in + .5) / (a.found_in + .5) + 1)
            * p.times * 2.2 / (p.times + 1.2 * (.25 + .75 * d.length / a.mean_length))) as score
    from postings as p join asked as a using (termid) join articles as d using (docid)
    where p.termid in (select termid from asked)
    group by p.docid
)
