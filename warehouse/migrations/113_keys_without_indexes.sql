-- Large tables without a declared key. DuckDB keeps one as an index of random values, which each checkpoint writes anew
-- and each opening for writing keeps in memory: at 300,000 articles half of a load's time. Each load verifies the keys
-- of the rows it writes in its own transaction, `copydesk doctor` those of all rows.

create temp table kept as from main.articles;
drop table main.articles;
create table main.articles as from kept;
drop table kept;
alter table main.articles alter column article_id set not null;
alter table main.articles alter column "source" set not null;
alter table main.articles alter column uri set not null;
alter table main.articles alter column publisher_id set not null;
alter table main.articles alter column current_revision_id set not null;
alter table main.articles alter column revision_count set not null;
alter table main.articles alter column first_seen_at set not null;
alter table main.articles alter column last_seen_at set not null;
comment on table main.articles is 'One row per canonical address (per source and path for files without one).';
comment on column main.articles.article_id is 'Key of the article, from its address, else from source and path.';
comment on column main.articles.source is 'Source that saw it first.';
comment on column main.articles.uri is 'Address or relative path under which it was seen first.';
comment on column main.articles.address is
    'Canonical web address, of several the one that was seen first; null for files that have none.';
comment on column main.articles.publisher_id is 'Its publisher.';
comment on column main.articles.current_revision_id is 'The revision that was seen last.';
comment on column main.articles.revision_count is
    'Number of different texts seen, under the rules that were applied last.';
comment on column main.articles.first_seen_at is 'When its bytes were first seen (UTC).';
comment on column main.articles.last_seen_at is 'When its bytes were last seen (UTC).';

create temp table kept as from main.revisions;
drop table main.revisions;
create table main.revisions as from kept;
drop table kept;
alter table main.revisions alter column revision_id set not null;
alter table main.revisions alter column article_id set not null;
alter table main.revisions alter column "language" set not null;
alter table main.revisions alter column publisher_id set not null;
alter table main.revisions alter column text_sha256 set not null;
alter table main.revisions alter column capture_id set not null;
alter table main.revisions alter column captured_at set not null;
comment on table main.revisions is 'One row per article and text. A text that comes back has one row; view revision_log has a row per time it came.';
comment on column main.revisions.revision_id is 'Key of the revision, from the article and the hash of its text.';
comment on column main.revisions.article_id is 'The article.';
comment on column main.revisions.number is '1 is the first text that was seen; null when retired.';
comment on column main.revisions.title is 'Headline.';
comment on column main.revisions.language is 'ISO 639-1 code, und when unknown.';
comment on column main.revisions.published_at is
    'Date the page gives; UTC where it names a zone, else its local time read as UTC.';
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
comment on column main.revisions.confidence is
    'Word F1 to expect of the text, 0 to 1 (rules/confidence.toml); of revisions extracted before: mean certainty of the kept/cut decisions.';
comment on column main.revisions.truncated is 'Whether the page shows only the start of the article.';
comment on column main.revisions.extractor is 'Which way decided the body.';
comment on column main.revisions.charset is 'What the bytes were decoded as.';
comment on column main.revisions.text_sha256 is 'Hash of title and paragraphs.';
comment on column main.revisions.capture_id is 'The latest capture that gave this text; the row''s facts are its.';
comment on column main.revisions.captured_at is 'When that capture was seen (UTC).';
comment on column main.revisions.code_version is 'Version of Copydesk that extracted it.';
comment on column main.revisions.rules_version is 'Version of the rules it was extracted under.';
comment on column main.revisions.valid_from is 'When this text was first seen (UTC).';
comment on column main.revisions.valid_to is
    'When another text was seen in its place for good (UTC); null for the current one.';
comment on column main.revisions.last_seen_at is 'When this text was last seen (UTC).';
comment on column main.revisions.seen_count is 'Number of times it was seen.';
comment on column main.revisions.previous_revision_id is
    'The text that stood before it first appeared; null for the first.';
comment on column main.revisions.title_changed is 'Whether the headline differs from the previous one''s.';
comment on column main.revisions.paragraphs_added is 'Paragraphs the previous text did not have; null for the first.';
comment on column main.revisions.paragraphs_removed is 'Paragraphs of the previous text that are gone.';
comment on column main.revisions.paragraphs_edited is 'Paragraphs whose words changed.';
comment on column main.revisions.replaced_by_revision_id is
    'Under newer rules the same bytes gave this revision instead; null for a living one.';
comment on column main.revisions.retired_by is 'Version of those rules; null for a living one.';
comment on column main.revisions.span_probability is
    'Probability that the story starts and ends where it was taken to, 0 to 1; null for web pages and texts extracted before this was measured.';
comment on column main.revisions.template is
    'Sketch of the class names of the page: up to 16 hashes of eight characters; pages of one template share most of them. Null for plain text and for pages extracted before this was measured.';

create temp table kept as from main.authors;
drop table main.authors;
create table main.authors as from kept;
drop table kept;
alter table main.authors alter column author_id set not null;
alter table main.authors alter column "name" set not null;
alter table main.authors alter column kind set not null;
comment on table main.authors is 'One row per name and kind.';
comment on column main.authors.author_id is 'Key of the author.';
comment on column main.authors.name is 'Name as signed, without "By" and roles.';
comment on column main.authors.kind is 'person or organisation.';

create temp table kept as from main.tags;
drop table main.tags;
create table main.tags as from kept;
drop table kept;
alter table main.tags alter column tag_id set not null;
alter table main.tags alter column "name" set not null;
comment on table main.tags is 'One row per tag.';
comment on column main.tags.tag_id is 'Key of the tag.';
comment on column main.tags.name is 'The tag as written.';

create temp table kept as from main.entities;
drop table main.entities;
create table main.entities as from kept;
drop table kept;
alter table main.entities alter column entity_id set not null;
alter table main.entities alter column kind set not null;
alter table main.entities alter column "name" set not null;
alter table main.entities alter column known set not null;
comment on table main.entities is 'One row per person, organisation or place that an article names in full; view people has the persons with what is told of them.';
comment on column main.entities.entity_id is
    'Key, from kind and name alone: the same name is the same entity in whatever order articles come. A family name alone is none.';
comment on column main.entities.kind is 'person, organisation or place.';
comment on column main.entities.name is
    'The gazetteer''s name where it is known, else the writing that most mentions have.';
comment on column main.entities.country is
    'ISO 3166 code of a place, of a known organisation or of the country a known person stands for; null where unknown.';
comment on column main.entities.known is
    'Whether a gazetteer has it: the package''s, or the desk''s own in rules/gazetteers.';

create temp table kept as from main.sketches;
drop table main.sketches;
create table main.sketches as from kept;
drop table kept;
alter table main.sketches alter column article_id set not null;
alter table main.sketches alter column revision_id set not null;
alter table main.sketches alter column body_sha256 set not null;
alter table main.sketches alter column shingle_count set not null;
alter table main.sketches alter column hashes set not null;
comment on table main.sketches is 'One row per article: the MinHash signature of its current text, for finding near-duplicates.';
comment on column main.sketches.article_id is 'The article.';
comment on column main.sketches.revision_id is 'The revision with that text.';
comment on column main.sketches.body_sha256 is 'SHA-256 of its paragraphs: equal for identical texts.';
comment on column main.sketches.shingle_count is 'Number of five-word shingles.';
comment on column main.sketches.hashes is 'The 32 smallest hashes of the shingles, ascending; fewer for a short text.';

create temp table kept as from main.stories;
drop table main.stories;
create table main.stories as from kept;
drop table kept;
alter table main.stories alter column story_id set not null;
alter table main.stories alter column first_article_id set not null;
alter table main.stories alter column article_count set not null;
alter table main.stories alter column publisher_count set not null;
alter table main.stories alter column first_seen_at set not null;
alter table main.stories alter column last_seen_at set not null;
comment on table main.stories is 'One row per text that was printed under more than one address.';
comment on column main.stories.story_id is 'Key of the story, from its earliest article.';
comment on column main.stories.first_article_id is 'The article that printed it first.';
comment on column main.stories.article_count is 'Articles that print it.';
comment on column main.stories.publisher_count is 'Publishers that print it.';
comment on column main.stories.first_seen_at is 'When the first of them was seen (UTC).';
comment on column main.stories.last_seen_at is 'When the last of them was first seen (UTC).';

create temp table kept as from audit.captures;
drop table audit.captures;
create table audit.captures as from kept;
drop table kept;
alter table audit.captures alter column capture_id set not null;
alter table audit.captures alter column "source" set not null;
alter table audit.captures alter column uri set not null;
alter table audit.captures alter column sha256 set not null;
alter table audit.captures alter column captured_at set not null;
alter table audit.captures alter column outcome set not null;
alter table audit.captures alter column run_id set not null;
comment on table audit.captures is 'One row per source, uri and content: the bytes as seen, where they lie, where they ended.';
comment on column audit.captures.capture_id is 'Key of the capture.';
comment on column audit.captures.source is 'Name of the source.';
comment on column audit.captures.uri is 'Canonical address, or path relative to the source''s root.';
comment on column audit.captures.url is 'Web address of the page, where known.';
comment on column audit.captures.sha256 is 'Hash of the bytes.';
comment on column audit.captures.media_type is 'text/plain, text/html, ...';
comment on column audit.captures.charset is 'As its carrier declares it.';
comment on column audit.captures.size_bytes is 'Length of the uncompressed bytes.';
comment on column audit.captures.captured_at is 'When they were last seen (UTC); audit.capture_times has every time.';
comment on column audit.captures.path is 'File they lie in: relative to the desk''s folder when inside it.';
comment on column audit.captures.carrier is
    'How they lie in the file: file, gzip, zip, tar, warc, jsonl, csv, parquet, mhtml, eml.';
comment on column audit.captures.member is
    'Name of the member of an archive, of the field of a JSON line, of the column of a CSV or Parquet file.';
comment on column audit.captures."offset" is 'Byte offset of the record in the file.';
comment on column audit.captures.length is 'Bytes from the offset; 0 where the file is the document.';
comment on column audit.captures.http_status is 'Status of the answer.';
comment on column audit.captures.etag is 'ETag of the answer.';
comment on column audit.captures.last_modified is 'Last-Modified of the answer, as sent.';
comment on column audit.captures.modified_ns is 'The file''s mtime in nanoseconds; 0 for the web.';
comment on column audit.captures.title_hint is 'Title as the feed gives it.';
comment on column audit.captures.published_hint is 'Date as the feed gives it.';
comment on column audit.captures.outcome is 'Where it ended: loaded, quarantined, or held with its batch.';
comment on column audit.captures.article_id is 'The article it became; null unless loaded.';
comment on column audit.captures.revision_id is 'The text it became under the rules applied last; null unless loaded.';
comment on column audit.captures.rules_version is 'Version of those rules; null unless loaded.';
comment on column audit.captures.run_id is 'The run that decided on it last.';
comment on column audit.captures.asked_because is
    'Why the URL was fetched: new in feed, newer date in sitemap, check again after N days, retry after REASON, listed; null for files.';
comment on column audit.captures.truncation is
    'Why the bytes are known to be incomplete, e.g. fewer than Content-Length announced; null otherwise.';
comment on column audit.captures.author_hint is
    'Authors as the JSON line or CSV row gives them, joined by ";"; null for other pages.';
comment on column audit.captures.lines_pending is
    'True where the bytes could not be read when the lines of the page were to be counted: they are not in audit.boilerplate yet, and are added when the capture is read again. Null: nothing is pending.';
comment on column audit.captures.evidence_kept is
    'What audit.evidence and audit.cut_blocks have of it: winners (the chosen candidates, no cut line) or none; null: everything.';
