"""The register of breaches."""

from hub.i18n import N_

TEXTS = {
    "breach_unknown": N_("There is no breach {breach} of this tenant."),
    "breach_closed": N_("The breach {breach} is closed; nothing is added to it any more."),
    "breach_learned_in_the_future": N_(
        "Nobody has learned of a breach that is still to come: check the time and zone."
    ),
    "breach_times_wrong": N_(
        "A breach begins before it ends and before it is learned of: check began_at and ended_at."
    ),
    "breach_period_wrong": N_("The period ends before it begins."),
    "breach_told_already": N_("The Board has been told of breach {breach}; further notices have --stage follow_up."),
    "breach_not_told": N_("The Board has not been told of breach {breach} yet; the first notice has --stage initial."),
    "breach_told_when_wrong": N_("That time is before the breach was learned of or told, or still to come."),
    "breach_delay_unexplained": N_(
        "The 72 hours of breach {breach} were over: fill in delay_reason with hub kvkk breach update first."
    ),
    "breach_board_not_told": N_("The Board has not been told of breach {breach}; close it after that."),
    "breach_persons_not_told": N_(
        "Persons whom breach {breach} concerns were not told (waiting: {count}). Note it with hub kvkk breach notify"
        " --to persons."
    ),
    "breach_no_false_alarm": N_("The Board was told of breach {breach}; correct it with a follow-up, then close it."),
    "breach_nothing_to_update": N_("Name the JSON file with the fields: --from-file FILE."),
    "breach_notify_unknown": N_("--to is board or persons, --stage initial or follow_up, --how direct or publication."),
    "breach_evidence_missing": N_("Name what proves it: --evidence REF, or --evidence-file FILE for persons."),
    "breach_evidence_malformed": N_("The file {path} needs the columns subject_id and evidence_ref, both filled."),
    "breach_subject_unknown": N_(
        "Persons in the file are not among those whom the breach concerns: {count}. Nobody was noted as told."
    ),
    "breach_notice_incomplete": N_("The notice to the persons needs these fields first: {fields}"),
    "breach_paper_unknown": N_("Papers and their formats are: {known}."),
    "time_malformed": N_("{option} must be a time with its zone: 2026-03-02T10:15+03:00."),
}
