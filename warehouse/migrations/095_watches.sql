-- Watches: which stories each has found, and what was sent to whom.

create table ops.watches (
    watch varchar primary key,
    conditions varchar not null,
    checked_at timestamptz not null,
    sent_at timestamptz
);
comment on table ops.watches is 'One row per watch of copydesk.toml that was looked at.';
comment on column ops.watches.watch is 'Name of the watch.';
comment on column ops.watches.conditions is 'Its conditions as JSON; when they change, what matches by then is old and is not sent.';
comment on column ops.watches.checked_at is 'Start of the last run it looked at (UTC).';
comment on column ops.watches.sent_at is 'When all that it had found was last delivered to every channel (UTC); null before that.';

create table ops.watch_stories (
    watch varchar not null,
    article_id uuid not null,
    found_at timestamptz not null,
    old boolean not null,
    primary key (watch, article_id)
);
comment on table ops.watch_stories is 'One row per watch and article it has found; of a story that several articles print only the first.';
comment on column ops.watch_stories.watch is 'Name of the watch.';
comment on column ops.watch_stories.article_id is 'The article.';
comment on column ops.watch_stories.found_at is 'Start of the run after which it was found (UTC).';
comment on column ops.watch_stories.old is 'Whether it was there before the watch was, and is not sent.';

create table ops.watch_channels (
    watch varchar not null,
    channel varchar not null,
    since timestamptz not null,
    primary key (watch, channel)
);
comment on table ops.watch_channels is 'One row per watch and channel: what was found before the channel was there is not sent to it.';
comment on column ops.watch_channels.watch is 'Name of the watch.';
comment on column ops.watch_channels.channel is 'Kind of the channel and a digest of its address, which is no secret.';
comment on column ops.watch_channels.since is 'Start of the run after which it was first there (UTC).';

create table ops.watch_sent (
    watch varchar not null,
    article_id uuid not null,
    channel varchar not null,
    sent_at timestamptz not null,
    primary key (watch, article_id, channel)
);
comment on table ops.watch_sent is 'One row per watch, article and channel it was delivered to.';
comment on column ops.watch_sent.watch is 'Name of the watch.';
comment on column ops.watch_sent.article_id is 'The article.';
comment on column ops.watch_sent.channel is 'The channel.';
comment on column ops.watch_sent.sent_at is 'When the channel took it (UTC).';
