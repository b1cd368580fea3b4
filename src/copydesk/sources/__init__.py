"""Sources of captures: files and archives, URL lists, feeds, sitemaps."""
