-- Lines that a person put back: read by every later run, before anything is decided about the page.

create table audit.restored_lines (
    source varchar not null,
    uri varchar not null,
    line_key bigint not null,
    text varchar not null,
    restored_at timestamptz not null,
    primary key (source, uri, line_key)
);
comment on table audit.restored_lines is 'One row per page and line that a person put back with `copydesk restore`.';
comment on column audit.restored_lines.source is 'Source of the page.';
comment on column audit.restored_lines.uri is 'The page''s address, or its path in the desk.';
comment on column audit.restored_lines.line_key is 'Key of the line: equal for lines that differ only in case, white space and numbers.';
comment on column audit.restored_lines.text is 'The line as it stood when it was put back.';
comment on column audit.restored_lines.restored_at is 'When (UTC).';
