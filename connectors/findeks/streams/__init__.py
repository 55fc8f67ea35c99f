"""What a report's rows are: columns, keys and whom they are about."""
