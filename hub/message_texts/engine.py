"""Syncs, quality suites and models."""

from hub.i18n import N_

TEXTS = {
    "internal_error": N_("The hub itself had a fault while syncing; please report it with the code."),
    "range_needs_from": N_("A range needs its first day: --from"),
    "range_in_the_future": N_("The first day {date_from} has not come yet."),
    "range_reversed": N_("The first day {date_from} is later than the last one {date_to}."),
    "quality_argument_malformed": N_("The quality suite was given a malformed argument: {argument}."),
    "quality_failed": N_("The quality suite could not run ({kind})."),
    "dbt_timeout": N_("dbt did not finish within {seconds} seconds."),
    "dbt_failed": N_("dbt could not run (status {status}). Its log is under HUB_HOME/dbt."),
    "dbt_manifest_missing": N_("There is no dbt manifest at {path}. Run: hub migrate"),
    "dbt_manifest_stale": N_("The dbt manifest at {path} is older than the models. Run: hub migrate"),
    "dbt_manifest_unwritable": N_("The dbt manifest cannot be written to {path}."),
    "dbt_results_missing": N_("dbt left no results; its log is under HUB_HOME/dbt."),
}
