"""Ordering Findeks reports."""

from hub.i18n import N_

TEXTS = {
    "order_report_unknown": N_("There is no such report to order. Known: {known}."),
    "order_company_needs_vkn": N_("A company has a VKN; a TCKN is a person's. Leave --company away."),
    "order_basis_missing": N_(
        "No legal basis is recorded for a report on this person (purpose {purpose}, category FINANS). Record one first:"
        " hub kvkk consents record, or hub kvkk bases record"
    ),
    "order_basis_inactive": N_(
        "The legal basis that is recorded for a report on this person (purpose {purpose}) was withdrawn, has ended, or"
        " does not cover the category FINANS."
    ),
    "report_already_ordered": N_(
        "Today's report on this subject is ordered already (action {action}, {state}); nothing was sent or bought."
        " With --again one more is."
    ),
    "order_no_record": N_("The bureau has no record of this number."),
    "order_no_phone": N_("The bureau knows no telephone of this person, so that no PIN can be sent."),
    "order_phone_unknown": N_("Choose one of the {count} telephones by its number. No PIN was sent."),
    "pin_not_sent": N_("No PIN was sent for this order yet. Have one sent to one of its telephones first."),
    "order_pin_locked": N_(
        "The PIN was wrong too often, or no more PINs may be sent. Nothing was ordered; begin anew."
    ),
}
