"""Select the blocks of the article, label every block, and explain each decision."""
