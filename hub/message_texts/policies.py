"""KVKK policy files and tenants' overrides. A policy's problem is shown behind file, line and place."""

from hub.i18n import N_

TEXTS = {
    "policies_invalid": N_("The KVKK policies cannot be used:"),
    "policy_unreadable": N_("is not readable as YAML."),
    "policy_schema": N_("does not have the form of a policy file ({found})."),
    "policy_declared_twice": N_("{found} is declared twice."),
    "policy_unknown_category": N_("{found} is not a data category."),
    "policy_unknown_basis": N_("{found} is not a legal basis."),
    "policy_unknown_action": N_("{found} is not an action."),
    "policy_unknown_kind": N_("{found} is not a kind of identifier."),
    "policy_bad_retention": N_("{found} is not a retention period; write it as P1Y."),
    "policy_params": N_("The parameter {found} is missing or not understood by the action."),
    "policy_kind_missing": N_("The action {found} needs the kind of identifier."),
    "policy_basis_missing": N_("The category {found} needs a legal basis."),
    "policy_special_needs_special_basis": N_("A special category needs a legal basis of article 6, not {found}."),
    "policy_special_basis_on_ordinary": N_("{found} is for special categories only."),
    "policy_special_overridable": N_("A special category ({found}) must not be overridable."),
    "policy_dropped_overridable": N_("{found} is dropped and has no landing column that an override could fill."),
    "policy_action_type": N_("The action does not fit the column's type: {found}."),
    "policy_key_destroyed": N_("The action {found} would destroy a key column."),
    "policy_version_destroyed": N_("The action {found} would destroy the version column."),
    "policy_key_overridable": N_("A key or version column must not be overridable ({found})."),
    "policy_override_type": N_("Overriding with {found} would change the landing column's type."),
    "policy_provider_missing": N_("There is no policy file for the provider {found}."),
    "policy_stream_missing": N_("The stream {found} has no policy."),
    "policy_stream_unknown": N_("The provider has no stream {found}."),
    "policy_column_missing": N_("The column {found} has no policy."),
    "policy_column_unknown": N_("The stream has no column {found}."),
    "policy_dated": N_("Records are dated by a time or a day that lands as it is told; {found} is none."),
    "override_column_unknown": N_("There is no column {column} in {stream}."),
    "override_special_category": N_("{stream}.{column} holds a special category, which no tenant may override."),
    "override_not_allowed": N_(
        "The policy does not let {stream}.{column} be overridden with {action}. It allows: {allowed}."
    ),
    "override_basis_unknown": N_("Overriding {stream}.{column} needs one of the ordinary legal bases."),
    "override_retention": N_("Overriding {stream}.{column} needs a retention period; write it as P1Y."),
    "override_params": N_("The parameters do not fit the action {action} for {stream}.{column}."),
    "override_key_destroyed": N_("The action {action} would destroy the key {stream}.{column}."),
    "override_type": N_("The action {action} would change the type of {stream}.{column}."),
    "override_missing": N_("There is no override of {stream}.{column}. `hub kvkk overrides list` shows them."),
    "policy_version_unchanged": N_(
        "has changed, but the file's version is still {found}. Loaded rows carry that number: raise it."
    ),
    "policy_key_changed": N_(
        "names loaded rows and cannot change to {found}: every record would land a second time. Make a new stream."
    ),
    "policies_not_applied": N_(
        "The policy file of {provider} has version {found}; the database follows {known}. Run: hub migrate"
    ),
    "rewrites_owed": N_(
        "Loaded rows do not follow a stricter policy yet (columns: {columns}, tenants: {tenants}). Run: hub migrate"
    ),
    "old_values_in_files": N_("Old values are still in the files of {tables}. Run: hub migrate"),
}
