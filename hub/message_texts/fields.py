"""Problems of single fields, shown behind the field's name: what is wrong, and what is right."""

from hub.i18n import N_

TEXTS = {
    "input_invalid": N_("Some fields are not right:"),
    "field_missing": N_("is missing; give it a value."),
    "field_empty": N_("is empty; give it a value."),
    "field_one_at_least": N_("is missing: give at least one of {fields}."),
    "field_unknown": N_("is not a known field. Known: {known}."),
    "field_too_long": N_("is too long: at most {max_length} characters."),
    "field_not_a_text": N_("must be one text in quotation marks."),
    "field_not_a_truth": N_("must be true or false."),
    "field_not_an_object": N_("must be an object in curly brackets."),
    "field_too_short": N_("is too short: at least {min_length} characters."),
    "field_too_few_items": N_("holds too few: at least {min_length}."),
    "field_too_many_items": N_("holds too many: at most {max_length}."),
    "field_not_a_phone": N_("is not a telephone number. Write it as +905321234567."),
    "field_too_large": N_("must be at most {limit}."),
    "field_not_in_list": N_("must be one of {expected}."),
    "field_not_positive": N_("must be greater than zero."),
    "field_not_a_date": N_(
        "is not a date. Write it as 2026-03-31, or with time and zone as 2026-03-31T10:15:00+03:00."
    ),
    "field_without_time_zone": N_("has no time zone. Write it as 2026-03-31T10:15:00+03:00."),
    "field_not_an_address": N_("is not an IP address."),
    "field_reserved": N_("is a name that the hub keeps for itself; choose another one."),
    "field_not_an_amount": N_("is not an amount of money. Write it as 1234.50, in JSON in quotation marks."),
    "field_wrong": N_("does not have the form this field needs."),
    "field_in_the_future": N_("lies in the future."),
    "field_before_kvkk": N_("lies before {earliest}, the day on which the law was published."),
    "field_tax_number_text": N_("must be text in quotation marks, so that no leading zero is lost."),
    "field_tax_number_length": N_("must have 10 digits (VKN) or 11 digits (TCKN of a sole trader)."),
    "field_tax_number_checksum": N_("has a wrong check digit; compare it with the tax certificate."),
    "field_not_a_dns_label": N_(
        "is not a DNS label: use 1 to 63 lower-case letters a-z, digits and hyphens, no Turkish letters, no hyphen at"
        " either end."
    ),
    "field_unknown_limit": N_("names a limit that does not exist. Known: {known}."),
    "field_not_a_feature": N_("holds a name that is not made of a-z, 0-9 and underscores."),
    "field_not_a_language": N_("is not a language code. Write it as tr-TR."),
    "field_not_a_time_zone": N_("is not a time zone. Write it as Europe/Istanbul."),
    "field_not_a_currency": N_("is not a currency code. Write it as TRY."),
    "field_not_a_purpose": N_("is not a purpose code: use lower-case letters a-z, digits and underscores."),
    "field_not_a_code": N_(
        "is a code of small letters, digits and underscores, such as asked_by_phone; it names nobody."
    ),
    "field_not_a_reference": N_(
        "must be an id of 1 to 40 letters, digits and . _ / # -, with a digit, without spaces and without a number that"
        " could be somebody's: it outlives the data of whom it could name."
    ),
    "field_names_somebody": N_(
        "holds personal data ({found}). It outlives the data of whom it names: say the same without it, or put the"
        " number of a file in its place."
    ),
    "field_not_a_category": N_("names a data category that does not exist. Known: {known}."),
    "field_not_a_duration": N_("is not a duration above zero. Write it as P1Y, P6M or a number of days."),
    "field_expires_before_given": N_("must be later than given_at."),
    "field_ends_before_start": N_("must be later than valid_from."),
    "field_not_a_retention": N_("is not a retention period. Write it as P1Y, P6M or P90D."),
    "field_not_params": N_("is not understood. Write NAME=VALUE, such as last=4, or one JSON object."),
    "field_basis_not_special": N_("must be s_explicit_consent when a special category is among the data."),
}
