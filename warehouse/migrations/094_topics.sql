-- Topics: the 17 media topics of the IPTC, and those of each revision.

create table main.topics (
    topic varchar primary key,
    qcode varchar not null,
    name varchar not null
);
comment on table main.topics is 'One row per media topic: the top level of the IPTC Media Topics.';
comment on column main.topics.topic is 'Short name of the topic, as commands take it.';
comment on column main.topics.qcode is 'Code in the IPTC NewsCodes.';
comment on column main.topics.name is 'Its name there.';

insert into main.topics values
    ('culture', 'medtop:01000000', 'arts, culture, entertainment and media'),
    ('crime', 'medtop:02000000', 'crime, law and justice'),
    ('disaster', 'medtop:03000000', 'disaster, accident and emergency incident'),
    ('economy', 'medtop:04000000', 'economy, business and finance'),
    ('education', 'medtop:05000000', 'education'),
    ('environment', 'medtop:06000000', 'environment'),
    ('health', 'medtop:07000000', 'health'),
    ('human_interest', 'medtop:08000000', 'human interest'),
    ('labour', 'medtop:09000000', 'labour'),
    ('lifestyle', 'medtop:10000000', 'lifestyle and leisure'),
    ('politics', 'medtop:11000000', 'politics and government'),
    ('religion', 'medtop:12000000', 'religion'),
    ('science', 'medtop:13000000', 'science and technology'),
    ('society', 'medtop:14000000', 'society'),
    ('sport', 'medtop:15000000', 'sport'),
    ('conflict', 'medtop:16000000', 'conflict, war and peace'),
    ('weather', 'medtop:17000000', 'weather');

create table main.revision_topics (
    revision_id uuid not null,
    topic varchar not null,
    origin varchar not null,
    score double not null,
    evidence varchar not null
);
comment on table main.revision_topics is 'One row per revision and topic; view article_topics has those of the current revision. Revisions loaded before this table was there have rows after `copydesk reprocess`.';
comment on column main.revision_topics.revision_id is 'The revision.';
comment on column main.revision_topics.topic is 'The topic.';
comment on column main.revision_topics.origin is 'declared (by the page: section, tags, keywords) or inferred (from the words of the text, where the page declares none).';
comment on column main.revision_topics.score is '0 to 1: 1 for a declared topic, else the share of the topic''s words among all words of topics.';
comment on column main.revision_topics.evidence is 'What it follows from: the section or tag, or the words and how often they occur.';
