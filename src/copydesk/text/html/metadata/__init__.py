"""Read title, authors, dates, section, publisher and URLs of a page, with every candidate as evidence."""
