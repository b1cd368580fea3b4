-- State of web sources and addresses after their last request, and the request log.
insert or replace into ops.source_state by name
select source, kind, checked_at, last_success_at, last_new_at, failures_in_row, last_outcome, last_reason, items_seen,
    items_new
from in_source_state
qualify row_number() over (partition by source order by checked_at desc nulls last) = 1;

insert or replace into ops.address_state by name
select source, uri, purpose, url, etag, last_modified, sha256, http_status, first_seen_at, checked_at, last_success_at,
    last_changed_at, failures_in_row, last_outcome, last_reason, next_allowed_at, due_at, interval_s
from in_address_state
qualify row_number() over (partition by source, uri order by checked_at desc nulls last) = 1;

insert into ops.fetch_log by name
select getvariable('run_id') as run_id, * exclude (part) from in_fetch_log;
