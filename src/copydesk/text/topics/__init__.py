"""Tell an article's media topics: what its page declares, else what its words tell."""
