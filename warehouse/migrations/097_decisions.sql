-- What people decide is on record, with who and when; pages that a person let in stay in.

create table audit.decisions (
    number bigint primary key,
    decided_at timestamptz not null,
    decided_by varchar not null,
    decision varchar not null,
    source varchar,
    subject varchar not null,
    detail varchar,
    because varchar
);
comment on table audit.decisions is 'One row per decision of a person, in the order in which they were made; nothing is ever changed here but by forget.';
comment on column audit.decisions.number is '1 for the first.';
comment on column audit.decisions.decided_at is 'When (UTC).';
comment on column audit.decisions.decided_by is 'Who: the account of the operating system, COPYDESK_USER where that is set, or who was signed in on a page.';
comment on column audit.decisions.decision is 'restore, unrestore, accept, unaccept, drop, pin_keep, pin_cut, unpin, release, drop_batch or mark_incident.';
comment on column audit.decisions.source is 'Source of the page or batch; null where the decision is about a site or a whole run.';
comment on column audit.decisions.subject is 'What it is about: the page''s address or path, the site of a line, or the run.';
comment on column audit.decisions.detail is 'The lines, rules or records that were chosen, in words.';
comment on column audit.decisions.because is 'Why, as given.';

create table audit.accepted_pages (
    source varchar not null,
    uri varchar not null,
    rules varchar[] not null,
    accepted_at timestamptz not null,
    accepted_by varchar not null,
    because varchar,
    primary key (source, uri)
);
comment on table audit.accepted_pages is 'One row per page that a person let in with `copydesk quarantine accept`: these rules do not refuse it, in any later run.';
comment on column audit.accepted_pages.source is 'Source of the page.';
comment on column audit.accepted_pages.uri is 'The page''s address, or its path in the desk.';
comment on column audit.accepted_pages.rules is 'The rules it had broken when it was let in; another broken rule refuses a later version all the same.';
comment on column audit.accepted_pages.accepted_at is 'When (UTC).';
comment on column audit.accepted_pages.accepted_by is 'Who, as in audit.decisions.';
comment on column audit.accepted_pages.because is 'Why, as given.';
