"""Reading, checking and showing e-documents."""

from hub.i18n import N_

TEXTS = {
    "xml_too_large": N_("The document is larger than {limit} MB."),
    "xml_malformed": N_("The document is no well-formed XML, from line {line} on."),
    "xml_with_doctype": N_(
        "The document declares a document type; UBL-TR has none, and it may expand or fetch anything."
    ),
    "xml_too_deep": N_("The document is nested deeper than {limit} levels."),
    "einvoice_root_unknown": N_(
        "The document is none of invoice, despatch advice, receipt advice, application response and envelope."
    ),
    "einvoice_kind_unknown": N_("There is no such kind of document; known are: {known}."),
    "einvoice_kind_differs": N_("The document is of the kind {found} and not {meant}."),
    "einvoice_unsigned": N_("The document is not signed yet; `hub einvoice sign` does it."),
    "einvoice_rules_changed": N_(
        "The rules of efatura-kontrol ({file}) are not those of {date} that were looked at; install the locked version."
    ),
    "einvoice_rules_missing": N_("The rules of efatura-kontrol are not installed: {file}."),
    "envelope_empty": N_("The envelope holds no document."),
    "document_unreadable": N_("The file cannot be read: {path}."),
    "file_in_the_way": N_("The file {path} exists already; --force overwrites it."),
    "xsd_element_unexpected": N_("Another element is expected at this place: {expected}."),
    "xsd_children_missing": N_("The element ends too early; expected is: {expected}."),
    "xsd_value": N_("The value is none of its kind (a date, a number, true or false)."),
    "xsd_attribute_unknown": N_("The element has an attribute that UBL-TR does not know."),
    "xsd_attribute_missing": N_("The element lacks an attribute: {expected}."),
    "xsd_content": N_("The element holds text or elements where UBL-TR has none."),
    "xsd_other": N_("The element departs from the schema ({rule})."),
    "view_too_large": N_("The page grew beyond {limit} MB and was given up."),
    "view_no_stylesheet": N_("The document carries no stylesheet of its own."),
    "view_stylesheet_failed": N_("The document's own stylesheet does not run here; leave --embedded out."),
    "view_kind": N_("Only invoices have a page: this is of the kind {kind}."),
}
