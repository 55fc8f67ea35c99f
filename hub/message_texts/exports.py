"""Reading originals, and exports of what is held about a person."""

from hub.i18n import N_

TEXTS = {
    "read_purpose_unknown": N_("Originals are read for a known purpose only: {known}."),
}
