"""The article of a labelled page: labels, title, dateline, blocks and their evidence."""
