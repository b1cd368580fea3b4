-- Who said what: quotes with their speakers.

create table main.quotes (
    revision_id uuid not null,
    position integer not null,
    paragraph integer not null,
    start_char integer not null,
    end_char integer not null,
    text varchar not null,
    kind varchar not null,
    cue varchar,
    speaker varchar,
    speaker_name varchar,
    speaker_paragraph integer,
    speaker_start_char integer,
    speaker_end_char integer,
    person_id uuid,
    rule varchar not null,
    confidence double not null
);
comment on table main.quotes is 'One row per revision and quote: who said what, and how that was decided. Revisions loaded before this table was there have rows after copydesk reprocess.';
comment on column main.quotes.revision_id is 'The revision.';
comment on column main.quotes.position is 'Order in the text, from 1.';
comment on column main.quotes.paragraph is 'Position of the paragraph it stands in.';
comment on column main.quotes.start_char is 'First character of the words in their paragraph, counted from 0, without the quotation mark.';
comment on column main.quotes.end_char is 'End of the words in their paragraph, exclusive.';
comment on column main.quotes.text is 'The words, without quotation marks.';
comment on column main.quotes.kind is 'direct (whole sentences between quotation marks or behind a dash), mixed (some words between marks in a sentence of the writer) or indirect (in the words of the writer).';
comment on column main.quotes.cue is 'The word that reports, as written: said, according to; null without one.';
comment on column main.quotes.speaker is 'Who says it, as written there: a name, "he", "the ministry"; null when nobody is named.';
comment on column main.quotes.speaker_name is 'The fullest form of that speaker in the article; null when nobody is named.';
comment on column main.quotes.speaker_paragraph is 'Position of the paragraph that names the speaker.';
comment on column main.quotes.speaker_start_char is 'First character of the speaker in that paragraph, counted from 0.';
comment on column main.quotes.speaker_end_char is 'End of the speaker in that paragraph, exclusive.';
comment on column main.quotes.person_id is 'The person, where known; null for organisations, roles and persons who are not known.';
comment on column main.quotes.rule is 'How it was decided: where the speaker stands (before, after, inside, carried) and what led to it.';
comment on column main.quotes.confidence is 'That the speaker is right, 0 to 1; without a speaker, that these are words of somebody.';
