"""Syncs, quality suites and models."""

from hub.i18n import N_

TEXTS = {
    "internal_error": N_("The hub itself had a fault while syncing; please report it with the code."),
    "database_away": N_("The hub's database does not let it in, so nothing was loaded. It goes on by itself."),
    "vault_down": N_(
        "The vault does not let the hub in: originals could not be kept, so nothing was loaded. Check the server and"
        " the role (hub doctor); it goes on by itself."
    ),
    "key_store_down": N_(
        "The key store does not let the hub in: nothing can be masked without its keys, so nothing was loaded. Check"
        " the server and the role (hub doctor); it goes on by itself."
    ),
    "master_key_away": N_(
        "The master key file is missing: nothing can be masked without it, so nothing was loaded. Restore it"
        " (hub doctor says where); it goes on by itself."
    ),
    "master_key_unfit": N_(
        "The master key must not be used as it is, so nothing was loaded. Mend it (hub doctor says how); it goes on"
        " by itself."
    ),
    "detector_failed": N_(
        "The search for personal data in free texts failed, so nothing was loaded. It is tried again; if it stays so,"
        " please report it."
    ),
    "range_needs_from": N_("A range needs its first day: --from"),
    "range_in_the_future": N_("The first day {date_from} has not come yet."),
    "range_reversed": N_("The beginning ({date_from}) must lie before the end ({date_to})."),
    "quality_argument_malformed": N_("The quality suite was given a malformed argument: {argument}."),
    "quality_failed": N_("The quality suite could not run ({kind})."),
    "dbt_timeout": N_("dbt did not finish within {seconds} seconds."),
    "dbt_failed": N_("dbt could not run (status {status}). Its log is under HUB_HOME/dbt."),
    "dbt_manifest_missing": N_("There is no dbt manifest at {path}. Run: hub migrate"),
    "dbt_manifest_stale": N_("The dbt manifest at {path} is older than the models. Run: hub migrate"),
    "dbt_manifest_unwritable": N_("The dbt manifest cannot be written to {path}."),
    "dbt_results_missing": N_("dbt left no results; its log is under HUB_HOME/dbt."),
}
