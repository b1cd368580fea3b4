-- Counts the words of one slice of the texts: words of a language are reduced to their stems, once each.
create or replace temp table tokens as
with split as (
    select a.docid, coalesce(s.language, 'other') as group_name, coalesce(s.stemmer, 'none') as stemmer,
        unnest(string_split(
            regexp_replace(lower(strip_accents(t.title || ' ' || t.text)), $not_a_word, ' ', 'g'), ' '
        )) as token
    from read_parquet($slice) as t
    join articles as a using (article_id)
    left join stemmers as s on s.language = a.language
)
select docid, group_name, stemmer, token, count(*) as times
from split
where token <> ''
group by all;

insert into stems
select group_name, token, stem(token, stemmer)
from (select distinct group_name, stemmer, token from tokens) as t
where not exists (from stems as s where s.group_name = t.group_name and s.token = t.token)
    and (stemmer <> 'english' or token not in (from stopwords));

insert into words
with new_words as (select group_name, word from stems except select group_name, word from words)
select group_name, word, row_number() over (order by group_name, word) + (select count(*) from words), 0
from new_words;

insert into unsorted
select w.termid, t.docid, sum(t.times)
from tokens as t
join stems as s on s.group_name = t.group_name and s.token = t.token
join words as w on w.group_name = s.group_name and w.word = s.word
group by all;
