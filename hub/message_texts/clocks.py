"""The law's clocks and the calendar they run on."""

from hub.i18n import N_

TEXTS = {
    "calendar_year_missing": N_("The calendar of holidays does not know {year}. Add the year's feasts to {file}."),
    "clock_days_wrong": N_("A deadline in business days needs at least one day, not {days}."),
    "clock_time_naive": N_("A deadline needs a time with its time zone."),
}
