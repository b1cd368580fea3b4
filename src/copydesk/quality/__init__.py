"""Whether a record or a batch is good enough: schemas, expectations, severities."""
