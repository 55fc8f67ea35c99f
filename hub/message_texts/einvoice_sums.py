"""Sums of an invoice that do not add up, whoever made it: what was found, and what it should be."""

from hub.i18n import N_

TEXTS = {
    "arithmetic_line": N_(
        "The line is not quantity times price, less discounts, plus surcharges: it should be {expected} and is "
        "{actual}."
    ),
    "arithmetic_adjustment": N_(
        "The discount or surcharge is not its rate of its base: it should be {expected} and is {actual}."
    ),
    "arithmetic_tax": N_("The tax is not its rate of its base: it should be {expected} and is {actual}."),
    "arithmetic_tax_total": N_("The tax total is not the sum of its taxes: it should be {expected} and is {actual}."),
    "arithmetic_tax_base": N_(
        "The tax base of the document is not that of its lines: it should be {expected} and is {actual}."
    ),
    "arithmetic_withholding": N_(
        "The withheld VAT is not its share of the VAT: it should be {expected} and is {actual}."
    ),
    "arithmetic_withholding_total": N_(
        "The total withheld is not the sum of what is withheld: it should be {expected} and is {actual}."
    ),
    "arithmetic_lines_total": N_("The total of the lines is not their sum: it should be {expected} and is {actual}."),
    "arithmetic_allowance_total": N_(
        "The total of discounts is not their sum: it should be {expected} and is {actual}."
    ),
    "arithmetic_charge_total": N_("The total of surcharges is not their sum: it should be {expected} and is {actual}."),
    "arithmetic_tax_exclusive": N_(
        "The total without taxes is not the lines less discounts plus surcharges: it should be {expected} and is "
        "{actual}."
    ),
    "arithmetic_tax_inclusive": N_(
        "The total with taxes is not the total without them plus the taxes: it should be {expected} and is {actual}."
    ),
    "arithmetic_payable": N_(
        "What is to be paid is not the total less what is withheld: it should be {expected} and is {actual}."
    ),
    "arithmetic_line_count": N_("The document says that it has {actual} lines and has {expected}."),
    "arithmetic_not_a_number": N_("This is not a plain decimal number; write it as 1234.50."),
    "arithmetic_currency": N_(
        "The amount is in {actual} and the document in {expected}; give all amounts in the document's currency."
    ),
}
