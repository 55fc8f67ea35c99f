"""Invoices that are written or read: what is wrong in a field, and what is right."""

from hub.i18n import N_

TEXTS = {
    "einvoice_not_json": N_('This is not a JSON object. Write one invoice as {{ "profile": …, "lines": [ … ] }}.'),
    "einvoice_csv_empty": N_("The file holds no invoice; below the headings there must be a row for each line."),
    "einvoice_csv_encoding": N_('The file is not UTF-8. Save it as "CSV UTF-8".'),
    "einvoice_csv_without_key": N_("The file has no column {key}, which says which rows belong to one invoice."),
    "einvoice_number_wrong": N_(
        "{number} is not a number for an invoice of {year}: three letters or digits, the year of issue, nine digits."
    ),
    "field_rows_apart": N_(
        "stands apart from the other rows of its invoice; put all rows of one invoice next to each other."
    ),
    "field_rows_differ": N_("differs from the first row of its invoice; repeat the value or leave the cell empty."),
    "field_holds_control_characters": N_("holds characters that XML cannot carry; type the text again without them."),
    "field_not_a_number": N_("is not a number. Write it as 1234.50, in JSON as text or as a number."),
    "field_too_precise": N_("has more than {decimal_places} decimals; round it first."),
    "field_too_many_digits": N_("has more digits than an invoice can carry."),
    "field_negative": N_("must not be negative."),
    "field_above": N_("is larger than this field allows."),
    "field_not_a_time": N_("is not a time. Write it as 10:15:00."),
    "field_not_a_group": N_("must be a group of fields."),
    "field_not_a_list": N_("must be a list."),
    "field_not_a_unit": N_("is not a unit of UN/ECE Recommendation 20. Write {meant}."),
    "field_not_an_exemption": N_("is not an exemption code of the tax office."),
    "field_not_a_customs_code": N_("is not a customs code (GTİP): twelve digits."),
    "field_not_an_iban": N_("is not an IBAN, or its check digits are wrong."),
    "field_too_early": N_("lies before {earliest}; the tax office refuses it."),
    "field_before_other": N_("lies before {other}."),
    "field_one_of": N_("needs exactly one of {fields}."),
    "einvoice_pair_unsupported": N_("does not go with {profile}. With it go: {types}."),
    "einvoice_too_many_lines": N_("holds more than {limit} lines; make several invoices of it."),
    "einvoice_without_accommodation_tax": N_("lacks the accommodation tax (0059) that this type of invoice is for."),
    "einvoice_item_number": N_("needs a number under {schemes}, in the form {form}."),
    "einvoice_without_shipment_number": N_("needs a shipment number under SEVKIYATNO: SE-0000000 or ES-0000000."),
    "einvoice_filler_number": N_("stands for somebody without a number; only e-Arşiv invoices may use it."),
    "einvoice_customs_profile": N_("does not go to customs. To it go: {profiles}."),
    "einvoice_person_only": N_("must be a TCKN: this support is for persons."),
    "einvoice_passport_without_name": N_("needs first_name and family_name beside it."),
    "einvoice_identity_twice": N_("cannot be VKN or TCKN; that number stands in {field}."),
    "einvoice_without_plate": N_("needs the vehicle's plate under PLAKA, once, in capitals and digits."),
    "einvoice_out_of_place": N_("does not belong on {profile} {type}; leave it out."),
    "einvoice_rate_of_lira": N_("is not for invoices in lira; leave it out or name the currency."),
    "einvoice_without_charging_report": N_(
        "needs the report of the charging network: a UUID under {scheme}, with its date."
    ),
    "einvoice_one_account": N_("is a second account; a public-sector invoice names one."),
    "einvoice_not_a_turkish_iban": N_("must be a Turkish IBAN (TR and 24 digits)."),
    "einvoice_special_base_document_change": N_(
        "cannot be of the whole document when a line has a special base; give each line its own."
    ),
    "einvoice_discount_too_large": N_("is larger than what it is taken from."),
    "einvoice_payable_negative": N_("makes the amount to be paid negative."),
    "einvoice_zero_vat_without_reason": N_(
        "is missing, and the VAT of the line is zero: give the exemption, or 351 when it is none."
    ),
    "einvoice_fixtures_zero_vat": N_("leaves VAT at zero, which code 555 does not allow on any line."),
    "einvoice_incentive_without_vat": N_(
        "must leave VAT above zero: incentive invoices show it even where it is not collected."
    ),
    "einvoice_exemption_type": N_("holds {exemption}, which goes with the types {types}."),
    "einvoice_exemption_incentive": N_("holds {exemption}, which is for investment incentive invoices."),
    "einvoice_reason_missing": N_("is missing: {exemption} has no text here, so write the article of law."),
    "einvoice_fixtures_elsewhere": N_(
        "cannot be 555 here: it goes with TEMELFATURA, TICARIFATURA and EARSIVFATURA, and not with exemptions."
    ),
    "einvoice_special_base_code": N_("must be one of 801 to 812 when the line has a special base."),
    "einvoice_special_base_with_taxes": N_(
        "cannot stand on a line with a special base; put them on a line of their own."
    ),
    "einvoice_withholding_type": N_("goes with the types {types}."),
    "einvoice_nothing_to_withhold": N_("is on a line whose VAT cannot be withheld."),
    "einvoice_reason_without_code": N_("is missing beside its text."),
    "einvoice_exempt_but_taxed": N_("must be 0 beside the exemption {exemption}."),
}
