-- Comments in the standard words: request, insert, MinHash, shingle, delete.

comment on column ops.runs.command is 'Command or trigger of the run: run, reprocess, load, ...';
comment on column ops.runs.sources is 'Names of the requested sources, in order.';
comment on table ops.views is 'One row per view file that is applied to this warehouse.';
comment on table ops.source_state is 'One row per web source: its state after the last request.';
comment on column ops.source_state.checked_at is 'Time of the last request (UTC).';
comment on column ops.source_state.last_new_at is 'When it last listed a new address (UTC).';
comment on table ops.address_state is 'One row per source and web address: its state after the last request.';
comment on column ops.address_state.url is 'The address that is requested.';
comment on column ops.address_state.checked_at is 'Time of the last request (UTC).';
comment on table ops.fetch_log is 'One row per run and requested address, robots.txt, feeds and sitemaps included.';
comment on column ops.fetch_log.uri is 'Canonical address; with purpose, the requested resource.';
comment on column ops.fetch_log.attempts is 'Number of requests.';
comment on column ops.fetch_log.started_at is 'Time of the first request (UTC).';
comment on column ops.fetch_log.retry_at is 'Earliest time of the next request (UTC).';
comment on table main.sketches is 'One row per article: the MinHash signature of its current text, for finding near-duplicates.';
comment on column main.sketches.revision_id is 'The revision with that text.';
comment on column main.sketches.body_sha256 is 'SHA-256 of its paragraphs: equal for identical texts.';
comment on column main.sketches.shingle_count is 'Number of five-word shingles.';
comment on column main.sketches.hashes is 'The 32 smallest hashes of the shingles, ascending; fewer for a short text.';
comment on column audit.captures.source is 'Name of the source.';
comment on column audit.quarantine.source is 'Name of the source.';
comment on column audit.cut_blocks.place is 'Path in the DOM tree; null for plain text.';
comment on table audit.forgotten is 'One row per address, path or publisher that was deleted on request and is blocked.';
