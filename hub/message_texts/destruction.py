"""Erasure, retention and legal holds."""

from hub.i18n import N_

TEXTS = {
    "erasure_needs_approval": N_(
        "{subjects} subjects are meant, more than {most}: another person must approve it (--approved-by)."
    ),
    "erasure_self_approved": N_("Whoever erases cannot approve it: --approved-by needs another name."),
    "erasure_left": N_("The search afterwards still found {records} records; the erasure is not complete."),
    "erased_meanwhile": N_("Somebody was erased while this load was under way; it starts again by itself."),
    "hold_unknown": N_("No legal hold {hold} is in force."),
    "hold_malformed": N_("A legal hold needs a scope ({scopes}), a reason ({reasons}) and its legal ground."),
    "hold_target_malformed": N_(
        "The target does not fit the scope {scope}: a subject's id, a dataset, a category's code, or nothing for all."
    ),
    "hold_target_unknown": N_("There is no such dataset, so the hold would keep nothing. There are: {known}."),
    "hold_target_nobody": N_(
        "The tenant knows no such subject, so the hold would keep nothing. Give an id as the hub tells it, or hold the"
        " person by an identifier."
    ),
    "hold_over_already": N_("A legal hold ends after it begins: --until must be a time to come."),
    "withheld_nothing": N_("Nothing is kept of that record. hub kvkk withheld list names what is kept."),
    "request_not_to_erase": N_(
        "The request {request} does not ask for erasure, or its work has not been started: it is {type}, {state}."
    ),
    "request_unknown_to_erase": N_("Name the person with --subject-kind, or the request with --request."),
}
