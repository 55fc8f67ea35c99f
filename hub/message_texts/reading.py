"""Reading tables by other means than SQL."""

from hub.i18n import N_

TEXTS = {
    "dataset_unknown": N_("There is no such table. GET /api/v1/data lists them."),
    "column_unknown": N_("{dataset} has no such column. Known: {known}."),
    "reading_too_long": N_(
        "Reading took longer than {seconds} seconds. Filter by the first columns of the key, or ask for fewer rows."
    ),
    "filter_malformed": N_("must be written as column:operator:value, with one of {operators}."),
    "filter_value_wrong": N_("holds a value that is none of its column's type."),
    "field_too_many": N_("has too many parts: at most {most}."),
}
