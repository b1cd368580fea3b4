-- The beginning of a search by words: one row per article with any of them, its BM25 score (k1 = 1.2, b = .75) and
-- whether it has every word that its language group knows. A word is found with a prefix of its script before it, too,
-- and without it where no text has the word as asked.
with tokens as (
    select distinct unnest(string_split_regex(
        trim(regexp_replace(lower(strip_accents($words)), $not_a_word, ' ', 'g')), ' +')) as token
),
prefixes as (
    select unnest($prefix_scripts::varchar[]) as script, unnest($prefixes::varchar[]) as prefix
),
prefixed as (
    select token, prefix from tokens join prefixes on regexp_matches(token, script)
),
forms as (
    select group_name, token, stem(token, stemmer) as word from groups cross join tokens
    union
    select group_name, token, prefix || stem(token, stemmer) from groups cross join prefixed
    union
    select group_name, token, stem(prefix || token, stemmer) from groups cross join prefixed
),
known as (
    select f.token, w.group_name, w.termid, w.articles from forms as f join words as w using (group_name, word)
),
bare as (
    select distinct group_name, token, stem(substr(token, length(prefix) + 1), stemmer) as word
    from groups cross join prefixed
    where starts_with(token, prefix) and length(token) - length(prefix) >= 3
        and token not in (select token from known)
),
every as (
    from known
    union all
    select b.token, w.group_name, w.termid, w.articles from bare as b join words as w using (group_name, word)
),
asked as (
    select termid, min(e.token) as token, any_value(e.group_name) as group_name, any_value(e.articles) as found_in,
        any_value(g.articles) as articles, any_value(g.mean_length) as mean_length
    from every as e join groups as g using (group_name)
    group by termid
),
in_groups as (
    select group_name, count(distinct token) as in_group from asked group by group_name
),
scored as (
    select p.docid, count(distinct a.token) = any_value(n.in_group) as has_all,
        sum(log10((a.articles - a.found_in + .5) / (a.found_in + .5) + 1)
            * p.times * 2.2 / (p.times + 1.2 * (.25 + .75 * d.length / a.mean_length))) as score
    from postings as p join asked as a using (termid) join in_groups as n using (group_name)
    join articles as d using (docid)
    where p.termid in (select termid from asked)
    group by p.docid
)
