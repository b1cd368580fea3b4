-- Who wrote a page, as the record that brought it says.

alter table audit.captures add column author_hint varchar;
comment on column audit.captures.author_hint is 'Authors as the JSON line or CSV row gives them, joined by ";"; null for other pages.';
