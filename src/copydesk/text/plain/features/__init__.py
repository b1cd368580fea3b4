"""What is measured on each line of a batch of pages."""
