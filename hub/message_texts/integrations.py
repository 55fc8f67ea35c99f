"""Integrations, addresses, cursors and syncs that a person asks for."""

from hub.i18n import N_

TEXTS = {
    "provider_unknown": N_("There is no provider {provider}. Known: {known}."),
    "stream_unknown": N_("There is no stream {stream}. Known: {known}."),
    "stream_has_parent": N_("{stream} is read together with {parent}; reset that one."),
    "integration_missing": N_(
        "The tenant {tenant} has no account at {provider}. Add it: hub integrations set {provider}"
    ),
    "integration_changed": N_("Somebody stored other credentials for {provider} meanwhile. Test again."),
    "integration_settings_invalid": N_("A setting of the account is not right. Store it again: hub integrations set"),
    "integration_untested": N_("Waits for a test: hub integrations test"),
    "paused_by_operator": N_("Paused by hand; hub integrations resume starts it again."),
    "environment_unknown": N_("{provider} has no environment {environment}. Known: {known}."),
    "base_url_fixed": N_("{provider} has one live address; an own address is for the sandbox only."),
    "base_url_malformed": N_("The address must be like https://host/path, without user name, query or fragment."),
    "base_url_not_https": N_("The address at {host} must begin with https:// (http:// only on this machine)."),
    "base_url_internal": N_("The address at {host} is not one that a provider has."),
    "base_url_inside": N_(
        "The address at {host} is of a network inside, which only the operator can open (HUB_WEBHOOKS_ALLOW_PRIVATE)."
        " Without an address the provider's own is used."
    ),
    "setting_malformed": N_("A setting is written as NAME=VALUE."),
    "full_with_dates": N_("--full fetches everything again; leave --from and --to away, or --full."),
    "date_malformed": N_("{option} is not a date. Write it as 2026-03-31."),
    "columns_undeclared": N_("These columns are not loaded until a policy declares them: {columns}"),
}
