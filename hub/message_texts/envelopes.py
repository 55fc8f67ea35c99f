"""Envelopes of direct exchange, and responses: what is wrong with one that is built or read."""

from hub.i18n import N_

TEXTS = {
    "envelope_address_incomplete": N_("The envelope's {side} needs an alias and a VKN or TCKN."),
    "envelope_carries_wrong": N_("An envelope of the type {type} does not carry this document ({found})."),
    "envelope_count_differs": N_("The envelope says another number of documents than it holds."),
    "envelope_export_alone": N_("An envelope carries one invoice of the profile {profile} only."),
    "envelope_id_malformed": N_("The envelope's id is not a GUID."),
    "envelope_incomplete": N_("The envelope lacks {part}."),
    "envelope_instruction": N_(
        "A processing instruction stands outside the document's root element. A signature covers it, and it would be"
        " lost in an envelope."
    ),
    "envelope_not_utf8": N_("The document is not UTF-8; its bytes cannot be put into an envelope or cut out of one."),
    "envelope_package_refused": N_("The package cannot be taken; answer it with GİB's code {gib_code}."),
    "envelope_party_differs": N_("The envelope's {side} is not the one of a document in it."),
    "envelope_root_unknown": N_("This is not an envelope."),
    "envelope_too_many_documents": N_("An envelope holds at most {limit} documents."),
    "envelope_too_many_groups": N_("An envelope holds at most {limit} groups of documents."),
    "envelope_too_many_invoices": N_("An envelope holds at most {limit} invoices."),
    "envelope_user_receiver": N_("Account requests go to GİB only (3900383669, GIB)."),
    "response_code_unknown": N_("The response's code is not known."),
    "response_id_malformed": N_("The response needs a number and a UUID of its own."),
    "response_incomplete": N_("The document lacks {part}."),
    "response_not_an_invoice": N_("Only an invoice can be answered."),
    "response_reason_missing": N_("A rejection needs its reason."),
    "response_root_unknown": N_("This is not a response."),
    "response_too_late": N_(
        "No answer counts any more: the eight days are over, it was answered before, or the profile knows no answer."
    ),
}
