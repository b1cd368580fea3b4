select day, announced, captured, loaded, held, quarantined, refused, failed, never_asked
from main.coverage
where source = $source and day >= $since
order by day desc
