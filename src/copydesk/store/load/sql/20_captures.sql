-- Captures, where they ended, and every time their bytes were seen.
merge into audit.captures as c
using (
    select n.*, d.outcome, d.article_id, d.revision_id, d.rules_version
    from new_captures as n left join decided as d using (capture_id)
) as n
on c.capture_id = n.capture_id
when matched and n.captured_at >= c.captured_at then update set
    url = n.url, media_type = n.media_type, charset = n.charset, captured_at = n.captured_at, path = n.path,
    carrier = n.carrier, member = n.member, "offset" = n."offset", length = n.length, http_status = n.http_status,
    etag = n.etag, last_modified = n.last_modified, modified_ns = n.modified_ns, title_hint = n.title_hint,
    published_hint = n.published_hint
when not matched then insert
    (capture_id, source, uri, url, sha256, media_type, charset, size_bytes, captured_at, path, carrier, member,
     "offset", length, http_status, etag, last_modified, modified_ns, title_hint, published_hint, outcome, run_id)
values
    (n.capture_id, n.source, n.uri, n.url, n.sha256, n.media_type, n.charset, n.size_bytes, n.captured_at, n.path,
     n.carrier, n.member, n."offset", n.length, n.http_status, n.etag, n.last_modified, n.modified_ns, n.title_hint,
     n.published_hint, 'held', getvariable('run_id'));

update audit.captures as c
set outcome = d.outcome, article_id = d.article_id, revision_id = d.revision_id, rules_version = d.rules_version,
    run_id = getvariable('run_id')
from decided as d
where d.capture_id = c.capture_id;

insert into audit.capture_times
select distinct i.capture_id::uuid as capture_id, i.captured_at
from in_captures as i
where i.capture_id::uuid in (select capture_id from decided)
    and not exists (
        from audit.capture_times as t where t.capture_id = i.capture_id::uuid and t.captured_at = i.captured_at
    );
