-- main: publishers, articles, their revisions, and what revisions are made of.
--
--   publishers 1--n articles 1--n revisions 1--n paragraphs, captions, links, datelines
--                                           n--m authors, sections, tags   (revision_authors, ...)
--
-- Times are those at which the bytes were seen (a file's mtime, an HTTP date), never the clock of the load: the same
-- inputs in any order, in one run or in ten, give the same rows.

create type main.precision_kind as enum ('day', 'minute', 'second');
create type main.paragraph_kind as enum ('paragraph', 'heading', 'list_item', 'quote', 'table', 'code');
create type main.author_kind as enum ('person', 'organisation');
create type main.change_kind as enum ('added', 'removed', 'edited');

create table main.publishers (
    publisher_id uuid primary key,
    publisher varchar not null,
    name varchar,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null
);
comment on table main.publishers is 'One row per publisher.';
comment on column main.publishers.publisher_id is 'Key of the publisher.';
comment on column main.publishers.publisher is 'As configured, else the registered domain, else the source''s name.';
comment on column main.publishers.name is 'As its latest page gives it.';
comment on column main.publishers.first_seen_at is 'When its first article was seen (UTC).';
comment on column main.publishers.last_seen_at is 'When an article of it was last seen (UTC).';

create table main.articles (
    article_id uuid primary key,
    source varchar not null,
    uri varchar not null,
    address varchar,
    publisher_id uuid not null,
    current_revision_id uuid not null,
    revision_count integer not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null
);
comment on table main.articles is 'One row per canonical address (per source and path for files without one).';
comment on column main.articles.article_id is 'Key of the article, from its address, else from source and path.';
comment on column main.articles.source is 'Source that saw it first.';
comment on column main.articles.uri is 'Address or relative path under which it was seen first.';
comment on column main.articles.address is 'Canonical web address; null for files that have none.';
comment on column main.articles.publisher_id is 'Its publisher.';
comment on column main.articles.current_revision_id is 'The revision that was seen last.';
comment on column main.articles.revision_count is 'Number of different texts seen, under the rules that were applied last.';
comment on column main.articles.first_seen_at is 'When its bytes were first seen (UTC).';
comment on column main.articles.last_seen_at is 'When its bytes were last seen (UTC).';

create table main.revisions (
    revision_id uuid primary key,
    article_id uuid not null,
    number integer,
    title varchar,
    language varchar not null,
    published_at timestamptz,
    published_precision main.precision_kind,
    published_zoned boolean,
    modified_at timestamptz,
    publisher_id uuid not null,
    publisher_name varchar,
    agency varchar,
    credit varchar,
    image_url varchar,
    comment_count integer,
    body_chars integer,
    body_words integer,
    paragraph_count integer,
    block_count integer,
    cut_count integer,
    page_chars integer,
    confidence double,
    truncated boolean,
    extractor varchar,
    charset varchar,
    text_sha256 varchar not null,
    capture_id uuid not null,
    captured_at timestamptz not null,
    code_version varchar,
    rules_version varchar,
    valid_from timestamptz,
    valid_to timestamptz,
    last_seen_at timestamptz,
    seen_count integer,
    previous_revision_id uuid,
    title_changed boolean,
    paragraphs_added integer,
    paragraphs_removed integer,
    paragraphs_edited integer,
    replaced_by_revision_id uuid,
    retired_by varchar
);
comment on table main.revisions is 'One row per article and text. A text that comes back has one row; view revision_log has a row per time it came.';
comment on column main.revisions.revision_id is 'Key of the revision, from the article and the hash of its text.';
comment on column main.revisions.article_id is 'The article.';
comment on column main.revisions.number is '1 is the first text that was seen; null when retired.';
comment on column main.revisions.title is 'Headline.';
comment on column main.revisions.language is 'ISO 639-1 code, und when unknown.';
comment on column main.revisions.published_at is 'Date the page gives; UTC where it names a zone, else its local time read as UTC.';
comment on column main.revisions.published_precision is 'How much of the date the page gives.';
comment on column main.revisions.published_zoned is 'Whether the page names a zone.';
comment on column main.revisions.modified_at is 'Date of the last change as the page gives it.';
comment on column main.revisions.publisher_id is 'Publisher of this revision.';
comment on column main.revisions.publisher_name is 'Name of the publisher as the page gives it.';
comment on column main.revisions.agency is 'News agency named in dateline or credit.';
comment on column main.revisions.credit is 'Source credit ("Source: ...").';
comment on column main.revisions.image_url is 'Address of the lead picture.';
comment on column main.revisions.comment_count is 'Number of comments the page shows.';
comment on column main.revisions.body_chars is 'Characters of the kept paragraphs.';
comment on column main.revisions.body_words is 'Words of the kept paragraphs.';
comment on column main.revisions.paragraph_count is 'Kept paragraphs.';
comment on column main.revisions.block_count is 'Visible blocks of the page, blank lines not counted.';
comment on column main.revisions.cut_count is 'Blocks that were cut.';
comment on column main.revisions.page_chars is 'Characters of all visible blocks.';
comment on column main.revisions.confidence is 'Mean certainty of the kept/cut decisions, 0 to 1.';
comment on column main.revisions.truncated is 'Whether the page shows only the start of the article.';
comment on column main.revisions.extractor is 'Which way decided the body.';
comment on column main.revisions.charset is 'What the bytes were decoded as.';
comment on column main.revisions.text_sha256 is 'Hash of title and paragraphs.';
comment on column main.revisions.capture_id is 'The latest capture that gave this text; the row''s facts are its.';
comment on column main.revisions.captured_at is 'When that capture was seen (UTC).';
comment on column main.revisions.code_version is 'Version of Copydesk that extracted it.';
comment on column main.revisions.rules_version is 'Version of the rules it was extracted under.';
comment on column main.revisions.valid_from is 'When this text was first seen (UTC).';
comment on column main.revisions.valid_to is 'When another text was seen in its place for good (UTC); null for the current one.';
comment on column main.revisions.last_seen_at is 'When this text was last seen (UTC).';
comment on column main.revisions.seen_count is 'Number of times it was seen.';
comment on column main.revisions.previous_revision_id is 'The text that stood before it first appeared; null for the first.';
comment on column main.revisions.title_changed is 'Whether the headline differs from the previous one''s.';
comment on column main.revisions.paragraphs_added is 'Paragraphs the previous text did not have; null for the first.';
comment on column main.revisions.paragraphs_removed is 'Paragraphs of the previous text that are gone.';
comment on column main.revisions.paragraphs_edited is 'Paragraphs whose words changed.';
comment on column main.revisions.replaced_by_revision_id is 'Under newer rules the same bytes gave this revision instead; null for a living one.';
comment on column main.revisions.retired_by is 'Version of those rules; null for a living one.';

create table main.revision_changes (
    revision_id uuid not null,
    change main.change_kind not null,
    old_position integer,
    new_position integer,
    similarity double
);
comment on table main.revision_changes is 'One row per revision and paragraph that differs from the previous revision.';
comment on column main.revision_changes.revision_id is 'The newer revision.';
comment on column main.revision_changes.change is 'added, removed or edited.';
comment on column main.revision_changes.old_position is 'Paragraph in the previous revision; null when added.';
comment on column main.revision_changes.new_position is 'Paragraph in this revision; null when removed.';
comment on column main.revision_changes.similarity is 'Share of common words of an edited pair, 0 to 1.';

create table main.paragraphs (
    revision_id uuid not null,
    position integer not null,
    kind main.paragraph_kind not null,
    level integer not null,
    text varchar not null,
    block integer
);
comment on table main.paragraphs is 'One row per revision and kept paragraph.';
comment on column main.paragraphs.revision_id is 'The revision.';
comment on column main.paragraphs.position is 'Order in the article, from 1.';
comment on column main.paragraphs.kind is 'Shape on the page.';
comment on column main.paragraphs.level is '1 to 6 for a heading, nesting depth for a list item, else 0.';
comment on column main.paragraphs.text is 'The text as it stands on the page.';
comment on column main.paragraphs.block is 'Number of the page''s block it comes from.';

create table main.authors (
    author_id uuid primary key,
    name varchar not null,
    kind main.author_kind not null
);
comment on table main.authors is 'One row per name and kind.';
comment on column main.authors.author_id is 'Key of the author.';
comment on column main.authors.name is 'Name as signed, without "By" and roles.';
comment on column main.authors.kind is 'person or organisation.';

create table main.revision_authors (
    revision_id uuid not null,
    position integer not null,
    author_id uuid not null
);
comment on table main.revision_authors is 'One row per revision and author; view article_authors has those of the current revision.';
comment on column main.revision_authors.revision_id is 'The revision.';
comment on column main.revision_authors.position is 'Order in the byline, from 1.';
comment on column main.revision_authors.author_id is 'The author.';

create table main.sections (
    section_id uuid primary key,
    publisher_id uuid not null,
    parent_section_id uuid,
    depth integer not null,
    name varchar not null,
    path varchar[] not null
);
comment on table main.sections is 'One row per publisher and section path.';
comment on column main.sections.section_id is 'Key of the section.';
comment on column main.sections.publisher_id is 'The publisher whose section it is.';
comment on column main.sections.parent_section_id is 'The section it lies in; null for an outermost one.';
comment on column main.sections.depth is '1 for an outermost section.';
comment on column main.sections.name is 'Name of the section.';
comment on column main.sections.path is 'Names from the outermost section to this one.';

create table main.revision_sections (
    revision_id uuid not null,
    position integer not null,
    section_id uuid not null
);
comment on table main.revision_sections is 'One row per revision and step of its section path; view article_sections has those of the current revision.';
comment on column main.revision_sections.revision_id is 'The revision.';
comment on column main.revision_sections.position is '1 is the outermost section.';
comment on column main.revision_sections.section_id is 'The section.';

create table main.tags (
    tag_id uuid primary key,
    name varchar not null
);
comment on table main.tags is 'One row per tag.';
comment on column main.tags.tag_id is 'Key of the tag.';
comment on column main.tags.name is 'The tag as written.';

create table main.revision_tags (
    revision_id uuid not null,
    position integer not null,
    tag_id uuid not null
);
comment on table main.revision_tags is 'One row per revision and tag; view article_tags has those of the current revision.';
comment on column main.revision_tags.revision_id is 'The revision.';
comment on column main.revision_tags.position is 'Order on the page, from 1.';
comment on column main.revision_tags.tag_id is 'The tag.';

create table main.places (
    place_id uuid primary key,
    name varchar not null
);
comment on table main.places is 'One row per place name that a dateline gives.';
comment on column main.places.place_id is 'Key of the place.';
comment on column main.places.name is 'Name as written.';

create table main.datelines (
    revision_id uuid not null,
    text varchar,
    place_id uuid,
    agency varchar
);
comment on table main.datelines is 'One row per revision that opens with a dateline.';
comment on column main.datelines.revision_id is 'The revision.';
comment on column main.datelines.text is 'The dateline as written.';
comment on column main.datelines.place_id is 'The place it names; null when it names none.';
comment on column main.datelines.agency is 'The agency it names.';

create table main.captions (
    revision_id uuid not null,
    position integer not null,
    text varchar not null,
    image_url varchar
);
comment on table main.captions is 'One row per revision and picture caption.';
comment on column main.captions.revision_id is 'The revision.';
comment on column main.captions.position is 'Order on the page, from 1.';
comment on column main.captions.text is 'The words under the picture.';
comment on column main.captions.image_url is 'Address of the picture, where known.';

create table main.links (
    revision_id uuid not null,
    position integer not null,
    url varchar not null,
    text varchar,
    paragraph integer
);
comment on table main.links is 'One row per revision and link inside the kept text.';
comment on column main.links.revision_id is 'The revision.';
comment on column main.links.position is 'Order in the text, from 1.';
comment on column main.links.url is 'Absolute address.';
comment on column main.links.text is 'The words that are linked.';
comment on column main.links.paragraph is 'Position of the paragraph it stands in.';

create table main.sketches (
    article_id uuid primary key,
    revision_id uuid not null,
    body_sha256 varchar not null,
    shingle_count integer not null,
    hashes ubigint[] not null
);
comment on table main.sketches is 'One row per article: a sample of its current text by which texts that are much the same are found.';
comment on column main.sketches.article_id is 'The article.';
comment on column main.sketches.revision_id is 'The revision whose text was sampled.';
comment on column main.sketches.body_sha256 is 'Hash of its paragraphs: equal for the same text, word for word.';
comment on column main.sketches.shingle_count is 'Runs of five words in it.';
comment on column main.sketches.hashes is 'The 32 smallest hashes of those runs, ascending; fewer for a short text.';

create table main.story_pairs (
    article_id uuid not null,
    other_article_id uuid not null,
    similarity double not null,
    same_text boolean not null
);
comment on table main.story_pairs is 'One row per pair of articles with much the same text; article_id is the smaller key.';
comment on column main.story_pairs.article_id is 'One article.';
comment on column main.story_pairs.other_article_id is 'The other article.';
comment on column main.story_pairs.similarity is 'Estimated share of common shingles, 0 to 1.';
comment on column main.story_pairs.same_text is 'Whether the paragraphs are the same, word for word.';

create table main.stories (
    story_id uuid primary key,
    first_article_id uuid not null,
    article_count integer not null,
    publisher_count integer not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null
);
comment on table main.stories is 'One row per text that was printed under more than one address.';
comment on column main.stories.story_id is 'Key of the story, from its earliest article.';
comment on column main.stories.first_article_id is 'The article that printed it first.';
comment on column main.stories.article_count is 'Articles that print it.';
comment on column main.stories.publisher_count is 'Publishers that print it.';
comment on column main.stories.first_seen_at is 'When the first of them was seen (UTC).';
comment on column main.stories.last_seen_at is 'When the last of them was first seen (UTC).';

create table main.story_articles (
    story_id uuid not null,
    article_id uuid not null,
    position integer not null,
    similarity double
);
comment on table main.story_articles is 'One row per story and article that prints it.';
comment on column main.story_articles.story_id is 'The story.';
comment on column main.story_articles.article_id is 'The article.';
comment on column main.story_articles.position is '1 printed it first, by the date it gives, else by when it was seen.';
comment on column main.story_articles.similarity is 'To the first article; the best of its pairs where the two were never compared.';
