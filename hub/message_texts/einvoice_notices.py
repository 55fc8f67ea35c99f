"""What in an e-document is allowed and most likely a mistake, and what `build` refuses."""

from hub.i18n import N_

TEXTS = {
    "einvoice_same_party": N_("Seller and buyer have the same tax number: a company issues no invoice to itself."),
    "einvoice_vat_rate": N_("{rate} % is no rate of VAT that is in force on the day of issue; those are {known} %."),
    "envelope_type_unknown": N_("There is no such type of envelope. There are: {known}."),
    "einvoice_csv_many": N_("The file holds {count} invoices: name a directory with --out, which gets one file each."),
}
