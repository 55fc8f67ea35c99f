"""The door to Dagster's pages: what those hear who do not get in, or not on."""

from hub.i18n import N_

TEXTS = {
    "dagster_not_signed_in": N_("Sign in first."),
    "dagster_not_here": N_("There is nothing here."),
    "dagster_method": N_("Dagster is not asked in this way."),
    "dagster_cross_site": N_(
        "The request comes from another site, or does not say from where (Sec-Fetch-Site, Origin)."
    ),
    "dagster_operate_missing": N_("Your role looks at Dagster and changes nothing in it."),
    "dagster_read_only": N_(
        "Dagster is served read-only here; hub up --admin serves it to administrators for changes."
    ),
    "dagster_mutation_by_get": N_("A mutation is asked for by POST."),
    "dagster_body_type": N_("A GraphQL request is application/json or application/graphql, and not compressed."),
    "dagster_body_large": N_("The request is larger than any of Dagster's."),
    "dagster_body_slow": N_("The request took too long to arrive."),
    "dagster_body_unreadable": N_("This is no GraphQL request that can be read."),
    "dagster_operation_unclear": N_("It is not plain which of the document's operations is asked for."),
    "dagster_batch": N_("Dagster takes one operation in a request, not a batch."),
    "dagster_too_many_mutations": N_("The request holds more mutations than one may."),
    "dagster_mutation_unknown": N_("This version of Dagster has no such mutation."),
    "dagster_subprotocol": N_("The websocket speaks graphql-ws."),
    "dagster_too_many_sockets": N_("Too many of Dagster's pages are open; close some, or try again later."),
    "dagster_not_audited": N_("The change could not be written into the audit log, so it was not made."),
    "dagster_away": N_("Dagster's webserver does not answer properly; try again shortly."),
    "dagster_slow": N_("Dagster's webserver takes too long to answer."),
}
