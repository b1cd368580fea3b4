-- How sure the extent of a plain text's story is.

alter table main.revisions add column span_probability double;
comment on column main.revisions.span_probability is 'Probability that the story starts and ends where it was taken to, 0 to 1; null for web pages and texts extracted before this was measured.';
