"""Title, authors, dates, section, publisher and address, with every candidate on record."""
