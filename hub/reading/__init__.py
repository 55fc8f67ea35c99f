"""Reading a tenant's landing tables and marts by other means than SQL: what there is, filtered and page by page."""
