"""Which blocks make the article, what each block is called, and why."""
