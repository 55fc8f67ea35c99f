"""Issuing from spreadsheets and payments; series after a restore; what others sent."""

from hub.i18n import N_

TEXTS = {
    "einvoice_csv_alias": N_("In a CSV file each invoice names its mailbox in the column alias, not --alias."),
    "einvoice_format_unknown": N_("A document is fetched as xml, pdf or html."),
    "einvoice_incoming_answered": N_(
        "This invoice has been answered already, at the integrator or here, where the answer may still be on its way."
        " The first answer counts, and another one is not sent."
    ),
    "einvoice_incoming_unknown": N_(
        "No invoice {ettn} is among those that came in. To be answered, it must be of the days in which one may answer."
    ),
    "einvoice_series_doubted": N_(
        "The database was restored: numbers of series {series} of {year} may have been given since the backup. Look up"
        " the last one at the integrator: hub einvoice series confirm."
    ),
    "einvoice_series_next_lower": N_("Series {series} of {year} goes on with {least} or later."),
    "einvoice_series_unknown": N_("There is no series {series} of {year}."),
    "einvoice_taxpayer_number_wrong": N_("That is no tax number or identity number: its check digits do not fit."),
    "einvoice_vat_rate_wrong": N_("A VAT rate is a number above 0, at most 100, such as 20."),
    "payment_not_billable": N_("This payment cannot be invoiced, because of {why}."),
    "payment_unknown": N_("The warehouse has no payment of that id for this tenant."),
}
