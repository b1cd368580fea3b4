-- One row per article and media topic of its current text.
create or replace view main.article_topics as
select a.article_id, t.topic, n.qcode, n.name, t.origin, t.score, t.evidence
from main.articles as a
join main.revision_topics as t on t.revision_id = a.current_revision_id
join main.topics as n using (topic);
comment on view main.article_topics is 'One row per article and media topic of its current text.';
comment on column main.article_topics.article_id is 'The article.';
comment on column main.article_topics.topic is 'Short name of the topic.';
comment on column main.article_topics.qcode is 'Code in the IPTC NewsCodes.';
comment on column main.article_topics.name is 'Name of the topic.';
comment on column main.article_topics.origin is 'declared (by the page) or inferred (from the words of the text).';
comment on column main.article_topics.score is '0 to 1: 1 for a declared topic, else the share of the topic''s words.';
comment on column main.article_topics.evidence is 'The section or tag, or the words and how often they occur.';
