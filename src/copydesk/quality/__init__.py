"""Quality checks: row rules with severities, batch expectations, each source's history, and the report."""
