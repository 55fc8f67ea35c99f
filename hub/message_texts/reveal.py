"""Revealing single values."""

from hub.i18n import N_

TEXTS = {
    "reveal_purpose_unknown": N_("--purpose must be one of {known}."),
    "reveal_pseudonym_malformed": N_(
        "That is no pseudonym. One looks like phone_ and 26 letters and digits, as landing tables and marts show it."
    ),
    "reveal_reference_malformed": N_(
        "--reference must be an id of 1 to 40 letters, digits and . _ / # -, with a digit, without spaces and without a"
        " number of ten digits: it stays in the audit log, which holds nothing personal."
    ),
    "reveal_not_permitted": N_(
        "The user {user} may not reveal values of this tenant; the attempt is on record. Who may is the tenant's"
        " decision: hub kvkk revealers permit"
    ),
    "reveal_too_often": N_("That was {limit} values within an hour, which is the limit; the attempt is on record."),
    "reveal_nothing": N_("The vault has no original of that pseudonym."),
    "reveal_limit_out_of_range": N_("--per-hour must lie between {least} and {most}."),
}
