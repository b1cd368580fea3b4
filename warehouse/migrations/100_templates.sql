-- Which template a page was made with.

alter table main.revisions add column template varchar;
comment on column main.revisions.template is 'Sketch of the class names of the page: up to 16 hashes of eight characters; pages of one template share most of them. Null for plain text and for pages extracted before this was measured.';
