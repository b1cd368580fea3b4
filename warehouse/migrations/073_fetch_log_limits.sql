-- The fetch log also holds one row per limit that left inputs out.

comment on column ops.fetch_log.purpose is 'page, feed, sitemap, robots, tdmrep or discovery; list for what a limit left out.';
comment on column ops.fetch_log.reason is 'Class of the failure, or the limit that left inputs out (over_limit, max_items, url_too_long); empty when captured whole.';
