"""The subject index: who is one person, and what several people share."""

from hub.i18n import N_

TEXTS = {
    "subject_unknown": N_("The identifier leads to nobody of this tenant."),
    "link_unknown": N_("There is no such link, or it has ended."),
    "identifier_not_shared": N_("The identifier is not noted as shared. Note it first: hub kvkk subjects share"),
    "period_reversed": N_("The first day must come before the day on which it ends."),
    "period_taken": N_("Some of these days are another period's already; take that one back first."),
    "period_unknown": N_("There is no such period, or it was taken back."),
    "reason_malformed": N_("A reason is a code of small letters, digits and underscores, such as pool_vehicle."),
}
