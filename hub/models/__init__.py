"""dbt, run as a process."""
