-- Addresses that differ only in query, fragment, last slash or "www." and gave the same text are one article from here on.

create table main.article_aliases (
    alias_id uuid primary key,
    article_id uuid not null
);
comment on table main.article_aliases is 'One row per further address of an article: addresses of one page that gave the same title and text are one article.';
comment on column main.article_aliases.alias_id is 'Key that an article of this address would have.';
comment on column main.article_aliases.article_id is 'The article, which has the key of the address that was seen first.';
comment on column main.articles.address is 'Canonical web address, of several the one that was seen first; null for files that have none.';
