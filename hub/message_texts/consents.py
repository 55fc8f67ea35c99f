"""Consents and the identifiers of data subjects."""

from hub.i18n import N_

TEXTS = {
    "consent_unknown": N_("There is no such consent of this person to this purpose: {consent}."),
    "consent_already_withdrawn": N_("The consent {consent} has been withdrawn already."),
    "consent_not_named": N_("Name the consent with --id, or the person with --subject-kind and the --purpose."),
    "check_unknown": N_("Nothing has been checked for consent {consent}; it is active, or there is no such consent."),
    "check_not_examined": N_(
        "What rested on consent {consent} was not examined yet, so nothing can be settled. The hub does so by itself"
        " within the hour."
    ),
    "check_not_open": N_("The check of consent {consent} is not open: there is nothing to settle."),
    "check_reason_missing": N_("Say why the data is kept: --reason with an article, a hold or a file number."),
    "check_data_left": N_("Records are left: {count}. Erase them first with hub kvkk erase, or settle --as kept."),
    "check_outcome_unknown": N_("--as is erased or kept."),
    "basis_unknown": N_("There is no such legal basis: {basis}."),
    "basis_already_ended": N_("The legal basis {basis} has ended already."),
    "subject_kind_unknown": N_("The kind of identifier must be one of {known}."),
    "subject_malformed": N_("What was entered is not a valid {kind}; check it digit by digit."),
}
