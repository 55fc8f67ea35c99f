"""Everything that changes a schema: cluster roles, Alembic's trees, generated tables, row-level security, grants."""
