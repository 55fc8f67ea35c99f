"""Tenants, plans and analysts."""

from hub.i18n import N_

TEXTS = {
    "tenant_id_malformed": N_("That is not a tenant id. `hub tenants list` shows them."),
    "tenant_unknown": N_("There is no tenant {tenant}. `hub tenants list` shows them."),
    "no_tenants": N_("There is no tenant yet. Add one: hub tenants add"),
    "subdomain_taken": N_("The subdomain {subdomain} belongs to another tenant; choose another one."),
    "analyst_address_untold": N_(
        "The operator tells you under which host and port the database is reached from outside."
    ),
    "analyst_unknown": N_("This tenant has no login {role}, or it has been removed."),
    "plan_history_exceeded": N_(
        "The plan {plan} of tenant {tenant} reaches back {days} days; choose a later first day or raise the plan."
    ),
    "plan_limit_reached": N_("The tenant's limit is reached: {allowed} {limit}. The operator can raise it."),
}
