select capture_id::varchar as capture_id, url, sha256, media_type, charset, size_bytes, captured_at, path, carrier, member,
    http_status, asked_because, truncation, run_id
from audit.captures where capture_id = $id::uuid
