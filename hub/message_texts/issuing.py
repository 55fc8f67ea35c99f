"""Issuing invoices: profile, series, seal, route, archive."""

from hub.i18n import N_

TEXTS = {
    "einvoice_alias_ambiguous": N_("The buyer has {count} mailboxes. Name one: --alias."),
    "einvoice_alias_unknown": N_("That is none of the buyer's {count} mailboxes."),
    "einvoice_buyer_missing": N_("The invoice names no buyer: customer.identity is missing."),
    "einvoice_buyer_not_registered": N_(
        "The buyer is not registered for e-Fatura, so {profile} cannot reach it. Leave the profile out: it becomes an"
        " e-Arşiv invoice."
    ),
    "einvoice_buyer_registered": N_(
        "The buyer is registered for e-Fatura and must not get an e-Arşiv invoice. Leave the profile out."
    ),
    "einvoice_cancel_by_both": N_(
        "The document {document} is an e-Fatura, which one side alone never cancels: its buyer rejects a commercial one"
        " within eight days, others are cancelled on GİB's portal."
    ),
    "einvoice_cancel_early": N_(
        "The document {document} is {state} and not with the integrator yet. Wait until it is sent (state `sent`), then"
        " cancel it."
    ),
    "einvoice_check_failed": N_("The tax office would refuse this invoice, so no number was taken: {codes}."),
    "einvoice_date_decreases": N_(
        "The last invoice of series {series} is of {last}; an earlier date is not allowed. Use another series or date."
    ),
    "einvoice_document_altered": N_(
        "The document {document} is not what was signed: its hash differs. Tell the operator."
    ),
    "einvoice_document_unknown": N_("There is no document {document}."),
    "einvoice_document_cannot": N_("The document {document} is {state}; that cannot be done with it."),
    "einvoice_document_tried": N_(
        "The delivery of the document {document} is not over. Wait until it has failed, then mark the document void."
    ),
    "einvoice_integrator_unknown": N_("There is no integrator of that name. There are: {known}."),
    "einvoice_nobody_to_ask": N_(
        "Without an invoice profile there is no integrator to ask for what came in: hub einvoice profile."
    ),
    "einvoice_profile_missing": N_("The tenant has no invoice profile yet: hub einvoice profile."),
    "einvoice_seal_missing": N_("The tenant has no seal here; its integrator signs."),
    "einvoice_seal_options": N_("Give --key and --cert, or --pkcs11-module, --token and --key-label."),
    "einvoice_series_exists": N_("Series {series} of {year} exists already."),
    "einvoice_series_first_wrong": N_("The first number lies outside of 1 to {most}."),
    "einvoice_series_kind_unknown": N_("A series is for einvoice or for earchive."),
    "einvoice_series_malformed": N_("A series has three characters, A to Z and 0 to 9."),
    "einvoice_series_of_integrator": N_(
        "Series {series} of {year} is numbered by the integrator. Use another one here."
    ),
    "einvoice_series_of_other_kind": N_("Series {series} is for {kind}. e-Fatura and e-Arşiv need different ones."),
    "einvoice_series_same": N_("e-Fatura and e-Arşiv need different series; both are {series}."),
    "einvoice_series_used_up": N_("Series {series} of {year} is used up. Take another one."),
}
