"""Classify a page: an article, or a listing, wall, error page, shop, forum."""
