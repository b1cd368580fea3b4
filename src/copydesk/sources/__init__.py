"""Where captures come from: files, addresses, feeds, sitemaps, WARC."""
