-- Sorts what was counted of all slices, and sums it by word, article and language group.
create table postings as from unsorted order by termid, docid;
drop table unsorted;
update words set articles = p.articles
from (select termid, count(*) as articles from postings group by termid) as p
where p.termid = words.termid;
update articles set length = p.length
from (select docid, sum(times) as length from postings group by docid) as p
where p.docid = articles.docid;
create table groups as
select coalesce(s.language, 'other') as group_name, coalesce(s.stemmer, 'none') as stemmer, count(*) as articles,
    avg(a.length) as mean_length
from articles as a left join stemmers as s on s.language = a.language
group by all
order by all;
checkpoint;
