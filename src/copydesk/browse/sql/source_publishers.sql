select p.publisher, count(*) as articles, max(a.last_seen_at) as last_seen_at
from main.articles as a join main.publishers as p using (publisher_id)
where a.source = $source
group by 1
order by articles desc, 1
limit $limit
