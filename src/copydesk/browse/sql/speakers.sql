select speaker, quotes, articles, publisher_count, publishers[:6] as publishers, first_at, last_at
from main.quoted_speakers
where $name is null or contains(lower(speaker), lower($name))
order by quotes desc, articles desc, speaker
limit $limit offset $start
