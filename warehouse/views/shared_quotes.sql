-- One row per quote and article, of quotes that several articles print: who had it first, how much later the others.
create or replace view main.shared_quotes as
with current_quotes as (
    select q.revision_id, q.position, q.text, q.speaker_name as speaker, a.article_id, p.publisher,
        coalesce(r.published_at, a.first_seen_at) as printed_at,
        list_filter(string_split_regex(lower(strip_accents(q.text)), '[^\p{L}\p{N}]+'), lambda w: w <> '') as words
    from main.quotes as q
    join main.articles as a on a.current_revision_id = q.revision_id
    join main.revisions as r on r.revision_id = q.revision_id
    join main.publishers as p on p.publisher_id = a.publisher_id
    where q.kind <> 'indirect'
),
long_quotes as (
    select *, list_slice(words, 1, 6) as head, list_slice(words, -6, -1) as tail, (printed_at, article_id, position) as rank
    from current_quotes where len(words) >= 6
),
first_of as (
    select *, least(min(rank) over (partition by head), min(rank) over (partition by tail)) as first_rank
    from long_quotes
),
grouped as (
    select m.*, f.article_id as first_article_id, f.publisher as first_publisher, f.printed_at as first_at,
        f.words as first_words
    from first_of as m join long_quotes as f on f.rank = m.first_rank
)
select md5(concat_ws(' ', first_article_id, array_to_string(first_words, ' '))) as quote_key,
    dense_rank() over (partition by first_rank order by printed_at, article_id) as position, publisher, speaker, text,
    case when words = first_words then 'exact' else 'near' end as match, printed_at, first_publisher,
    round(epoch(printed_at - first_at) / 3600, 1) as hours_later, article_id, first_article_id
from grouped
qualify count(distinct article_id) over (partition by first_rank) > 1;
comment on view main.shared_quotes is 'One row per quote and article, of quotes of six words or more that several articles print: exactly, or with the same six words at the start or the end.';
comment on column main.shared_quotes.quote_key is 'The same for all printings of a quote.';
comment on column main.shared_quotes.position is '1 had it first.';
comment on column main.shared_quotes.speaker is 'Whose words they are in this article, in the fullest form of the name it gives.';
comment on column main.shared_quotes.text is 'The words as this article prints them.';
comment on column main.shared_quotes.match is 'exact: the same words as in the first article, case and punctuation apart; near: only the first or the last six.';
comment on column main.shared_quotes.printed_at is 'Date the page gives, else when it was first seen (UTC).';
comment on column main.shared_quotes.first_publisher is 'Publisher that had it first.';
comment on column main.shared_quotes.hours_later is 'Hours after the first.';
comment on column main.shared_quotes.article_id is 'The article.';
comment on column main.shared_quotes.first_article_id is 'The article that had it first.';
