-- Moves what the full-text extension counted of one language group into the tables of the index.
set variable first = (select coalesce(max(termid), 0) + 1 from words);
insert into groups
select '{name}', '{stemmer}', count(*), coalesce(avg(len), 0) from fts_main_docs.docs;
insert into words
select '{name}', term, termid + getvariable('first'), df from fts_main_docs.dict;
insert into unsorted
select t.termid + getvariable('first'), d.name::bigint, count(*)
from fts_main_docs.terms as t join fts_main_docs.docs as d on d.docid = t.docid
where t.termid is not null
group by all;
update articles set length = d.len from fts_main_docs.docs as d where d.name::bigint = articles.docid;
pragma drop_fts_index('docs');
drop table docs;
