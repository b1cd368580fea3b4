select quote_key, speaker, text, match, position, publisher, printed_at, hours_later, first_publisher,
    article_id::varchar as article_id
from main.shared_quotes
where $name is null or contains(lower(speaker), lower($name)) or contains(lower(text), lower($name))
order by max(printed_at) over (partition by quote_key) desc, quote_key, position
limit $limit offset $start
