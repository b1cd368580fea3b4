-- Groups of sources, as copydesk.toml declares them: to filter and sum by.

create table ops.source_collections (
    source varchar not null,
    collection varchar not null,
    primary key (source, collection)
);
comment on table ops.source_collections is 'One row per source and collection it belongs to, as its last run found it declared.';
comment on column ops.source_collections.source is 'Name of the source.';
comment on column ops.source_collections.collection is 'Name of the collection.';
