"""Reading originals, and exports of what is held about a person."""

from hub.i18n import N_

TEXTS = {
    "read_purpose_unknown": N_("Originals are read for a known purpose only: {known}."),
    "export_unknown": N_("There is no such package: {export}."),
    "export_not_ready": N_("The package {export} cannot be had: it is {state}."),
    "export_file_gone": N_("The file of the package {export} is not in HUB_HOME/exports; make the package anew."),
    "export_passphrase_gone": N_("The passphrase of the package {export} was shown already; make the package anew."),
    "export_review_pending": N_("A reviewer has to decide first whether {count} groups of records are this person's."),
    "export_unidentified": N_("No identifier of the request {request} has been verified as the applicant's."),
    "export_tenant_missing": N_("Name the tenant: --tenant."),
    "export_ready": N_("The package is ready."),
    "export_abandoned": N_("The run that made the package ended before it was finished; make it anew."),
    "export_ended_meanwhile": N_("The package {export} was ended while it was made: the person was erased meanwhile."),
    "export_request_unknown": N_("There is no such request: {request}."),
    "file_not_new": N_("The file {path} exists already, or cannot be made."),
}
