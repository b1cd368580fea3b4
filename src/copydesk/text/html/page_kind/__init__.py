"""What kind of page it is: an article, or a listing, wall, error page, shop, forum."""
