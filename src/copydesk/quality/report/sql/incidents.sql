-- One row per incident that is open or was closed since $1, open ones first.
select number, source, trouble, severity, owner, dimension, detail, opened_at, seen_at, observations, acknowledged_at,
    acknowledged_by, note, muted_until, closed_at
from ops.troubles
where closed_at is null or closed_at >= $1
order by closed_at is not null, number desc
