"""Backups, restores and forgetting a tenant."""

from hub.i18n import N_

TEXTS = {
    "backup_beside_keys": N_("Key backups lie in {path}: data never goes beside them. Choose another directory."),
    "backup_beside_data": N_("Data backups lie in {path}: keys never go beside them. Choose another directory."),
    "backup_inside_home": N_("{path} lies inside HUB_HOME, which a backup is to outlive. Choose another directory."),
    "backup_sees_not_all": N_(
        "The login {role} does not see every row: a backup needs an admin URL whose login has BYPASSRLS or SUPERUSER."
    ),
    "backup_failed": N_("{program} ended with status {status}; nothing was left behind."),
    "backup_under_way": N_("{path} stands already: another backup is being written there. Try again in a moment."),
    "backup_manifest_unreadable": N_("{path} is not the manifest of a backup."),
    "backup_not_signed": N_(
        "{path} is not signed by the key that signs this installation's audit logs: it is another installation's, or"
        " somebody changed it. Bring that installation's key along."
    ),
    "backup_other_part": N_("{path} is a backup of {found}, not of {part}."),
    "backup_altered": N_("{path} is missing or is not the file that its manifest describes."),
    "restore_unfinished": N_(
        "A restore into this database has not ended: people who were erased since may be in it. Run: hub restore"
    ),
    "restore_not_empty": N_("A restore needs an empty place; {schemas} stand here already."),
    "restore_under_way": N_("Another restore into these servers is under way."),
    "restore_keys_older": N_(
        "The keys are of {keys}, older than the data of {data}: keys that were destroyed since would be back."
    ),
    "restore_server_older": N_("The backup is of a Postgres {needed}, the server here is an older one: {found}."),
    "restore_keys_lack": N_(
        "{tenants} tenants of the data have no keys in the backup of the keys: it is another installation's, or older."
    ),
    "restore_version_unknown": N_("The backup of {part} has revision {found}, which this version does not know."),
    "restore_other_prefix": N_("The backup's roles begin with {found}, not with {ours}: set HUB_ROLE_PREFIX."),
    "restore_models_failed": N_("The marts could not be built; the restored database stays closed. Run it again."),
    "erasure_journal_broken": N_(
        "The erasure journal of tenant {tenant} was altered or has a gap at {number}: use another backup of the keys."
    ),
    "restore_check": N_("looking at the backups"),
    "restore_load": N_("loading keys and data"),
    "restore_replay": N_("erasing again who was erased since"),
    "restore_retention": N_("destroying what is kept no longer"),
    "restore_models": N_("building the marts"),
    "tenant_held": N_("A legal hold forbids it: {grounds}. Release it first, if it may be."),
    "tenant_statute_stands": N_(
        "A statute keeps records: {articles}. Hand them over to the tenant, then name each article: --handed-over"
    ),
    "tenant_not_confirmed": N_("Nothing was removed: {subdomain} was not typed."),
    "tenant_left": N_("Something of the tenant still stands in {tables}. Run it again."),
}
