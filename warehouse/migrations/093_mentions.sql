-- Persons, organisations and places, and where articles name them.

create type main.entity_kind as enum ('person', 'organisation', 'place');

create table main.entities (
    entity_id uuid primary key,
    kind main.entity_kind not null,
    name varchar not null,
    country varchar,
    known boolean not null
);
comment on table main.entities is 'One row per person, organisation or place that an article names in full; view people has the persons with what is told of them.';
comment on column main.entities.entity_id is 'Key, from kind and name alone: the same name is the same entity in whatever order articles come. A family name alone is none.';
comment on column main.entities.kind is 'person, organisation or place.';
comment on column main.entities.name is 'The gazetteer''s name where it is known, else the writing that most mentions have.';
comment on column main.entities.country is 'ISO 3166 code of a place, of a known organisation or of the country a known person stands for; null where unknown.';
comment on column main.entities.known is 'Whether a gazetteer has it: the package''s, or the desk''s own in rules/gazetteers.';

create table main.mentions (
    revision_id uuid not null,
    position integer not null,
    entity_id uuid,
    kind main.entity_kind not null,
    field varchar not null,
    paragraph integer,
    start_char integer,
    end_char integer,
    text varchar not null,
    full_name boolean not null,
    role varchar,
    rule varchar not null
);
comment on table main.mentions is 'One row per revision and place where it names a person, organisation or place. Revisions loaded before this table was there have rows after `copydesk reprocess`.';
comment on column main.mentions.revision_id is 'The revision.';
comment on column main.mentions.position is 'Order in the article, from 1: title, byline, dateline, paragraphs, captions.';
comment on column main.mentions.entity_id is 'Who or what is named; null for a family name that no full name in the article explains.';
comment on column main.mentions.kind is 'person, organisation or place.';
comment on column main.mentions.field is 'title, byline, dateline, body or caption.';
comment on column main.mentions.paragraph is 'Position of the paragraph or caption it stands in; null elsewhere.';
comment on column main.mentions.start_char is 'First character of the words in that text, counted from 0; null in byline and dateline.';
comment on column main.mentions.end_char is 'End of the words, exclusive.';
comment on column main.mentions.text is 'The words, without title and possessive ending.';
comment on column main.mentions.full_name is 'Whether the words are a full name; false for a family name or an acronym that the article explains.';
comment on column main.mentions.role is 'Title or role beside the name, as written; null without one.';
comment on column main.mentions.rule is 'What made it a mention: gazetteer, role, given_name, family_name, byline, ...';
