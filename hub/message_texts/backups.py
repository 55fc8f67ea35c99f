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
    "backup_manifest_unreadable": N_("{path} is not the manifest of a backup."),
    "backup_other_part": N_("{path} is a backup of {found}, not of {part}."),
    "backup_altered": N_("{path} is missing or is not the file that its manifest describes."),
}
