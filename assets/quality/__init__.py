"""Quality suites of landing tables: derived from declarations, run once a batch."""
