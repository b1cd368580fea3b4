"""The process pool, its workers' environment, and what they import before they are forked."""
