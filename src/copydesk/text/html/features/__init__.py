"""What is measured on each block before anything is decided."""
