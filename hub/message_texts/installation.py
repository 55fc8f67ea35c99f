"""Settings, keys, files of an installation, its processes, and what a command was given."""

from hub.i18n import N_

TEXTS = {
    "settings_invalid": N_("These settings are not right: {names}"),
    "language_unknown": N_("The language must be one of {known}."),
    "master_key_missing": N_(
        "There is no master key at {path}. On a fresh installation `hub migrate` makes one; else restore it."
    ),
    "master_key_length": N_("The master key must have {expected} bytes; it has {found}."),
    "master_key_default": N_("The master key is not random. Make one: openssl rand -base64 32"),
    "master_key_not_base64": N_("The master key is not base64. Make one: openssl rand -base64 32"),
    "master_key_readable_by_others": N_("Others may read the master key. Run: chmod 600 {path}"),
    "master_key_part_missing": N_(
        "Keys are still wrapped under the master key {fingerprint}, which lies neither in {path} nor beside it;"
        " restore it as {path}.previous."
    ),
    "rotation_under_way": N_("Another process rotates the master key; wait for it."),
    "tenants_not_named": N_("Name tenants with --tenant, or all of them with --all."),
    "tenant_keys_destroyed": N_("The keys of this tenant were destroyed; nothing of it can be read any more."),
    "key_rotated": N_("The key was rotated while this was under way; the next try reads it anew."),
    "ciphertext_invalid": N_("A stored secret does not open: another master key, or a row that was moved or altered."),
    "secrets_malformed": N_("The secrets file {path} is not readable as JSON; restore it."),
    "secrets_exposed": N_("Others may read the secrets. Run: chmod 600 {path}"),
    "master_key_foreign": N_("The key store belongs to another master key; restore that one."),
    "home_missing": N_("There is no data directory at {path}. Run: hub migrate"),
    "home_exposed": N_("Others may look into the data directory. Run: chmod go-rw {path}"),
    "home_not_writable": N_("The data directory {path} is not ours to write; set HUB_HOME or its owner."),
    "provider_not_reached": N_("Nothing answers at {url}. Check name resolution, firewall and proxy."),
    "check_broke": N_("The check itself broke ({kind}); an earlier line may say why."),
    "input_empty": N_("{field}: nothing was entered."),
    "file_unreadable": N_("The file {path} cannot be read as UTF-8 text."),
    "file_not_json": N_("The file {path} does not hold one JSON object."),
    "line_not_json": N_("Line {line} is not a JSON object with the texts id and text."),
    "line_not_utf8": N_("Line {line} is not UTF-8 text."),
    "service_not_started": N_("{service} did not start. Its log is under HUB_HOME/logs."),
    "already_up": N_("Somebody serves {path} already. A second hub up would start every run twice."),
    "port_taken": N_("Port {port} of 127.0.0.1 is in use; choose another one, or none for a free one."),
    "up_services": N_("Dagster's services"),
    "service_died": N_("{service} has ended. Its log is under HUB_HOME/logs."),
    "sql_failed": N_("The database refused the statement ({sqlstate})."),
}
