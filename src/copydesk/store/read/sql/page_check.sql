-- The requests for one page: $1 the source, $2 its canonical address.
select first_seen_at, checked_at, last_changed_at, due_at, next_allowed_at, interval_s, last_outcome, last_reason
from ops.address_state
where source = $1 and uri = $2 and purpose = 'page'
