"""The request desk: applications of data subjects, their states, grounds of refusal and the hub's own work."""

from hub.i18n import N_

TEXTS = {
    "answer_without_text": N_("An answer needs its text."),
    "fee_figures_wrong": N_("Pages and the medium's cost must be numbers that are not negative."),
    "field_contact_without_way": N_("Say where the answer goes: an e-mail address, an address or a telephone number."),
    "field_corrections_wrong": N_("A rectification lists what to correct, and no other request does."),
    "field_not_an_email": N_("That is not an e-mail address."),
    "identifier_kind_unknown": N_("An identifier is one of {known}."),
    "public_url_missing": N_("Links need the installation's address: set HUB_PUBLIC_URL."),
    "refusal_ground_unknown": N_("A ground of refusal is one of {known}."),
    "refusal_without_article": N_("The ground {ground} needs the article on which it rests."),
    "refusal_without_date": N_("The ground {ground} needs the date on which the data will be destroyed."),
    "refusal_without_ground": N_("A refusal needs its ground: --ground."),
    "request_act_not_allowed": N_("A request that is {state} allows no {act}; the step belongs to: {allowed}."),
    "request_before_erasure": N_(
        "The same person waits for the answer to request {request}, whose package the erasure would destroy. Answer or"
        " refuse that one first."
    ),
    "request_package_gone": N_(
        "The package of this request is there no more: it expired, or was destroyed when the person's data was erased."
        " Start the request again, or refuse it."
    ),
    "request_code_malformed": N_("{field} is a code of small letters, digits and underscores, and names nobody."),
    "request_date_malformed": N_("A date is written YYYY-MM-DD."),
    "request_identifiers_malformed": N_("`identifiers` is a list of objects with `kind` and `value`."),
    "request_identity_doubtful": N_(
        "By {method} the identity is not established. Ask for what is missing: hub kvkk requests ask"
    ),
    "request_identity_open": N_("Who applies is not established yet: hub kvkk requests identify"),
    "request_not_yours": N_("The request is assigned to somebody else, who alone may do {act}; assign it first."),
    "request_received_in_future": N_("An application cannot have been received in the future."),
    "request_review_open": N_("{count} subjects wait for a reviewer's decision: hub kvkk requests review"),
    "request_role_wrong": N_("{act} is not for the role {role}."),
    "request_subject_not_in_review": N_(
        "That subject is the applicant's by a strong identifier; nothing is to decide."
    ),
    "request_subject_unknown": N_("The request has no such subject; hub kvkk requests show lists them."),
    "request_unknown": N_("There is no request {request}."),
    "request_without_email": N_("The application names no e-mail address; hand the package over another way."),
    "request_without_package": N_("There is no package of this request that could be sent."),
    "request_without_identifier": N_("Name at least one identifier of the applicant."),
    "request_work_open": N_("The hub's part of the work is {state}; a request is answered when it is done."),
    "request_work_refused": N_("The work found that nothing can be granted; refuse the request instead."),
    "request_work_running": N_("The work of this request is {state}; it cannot be changed now."),
    "request_word_unknown": N_("{field} is one of {known}."),
    "tenant_setting_wrong": N_("The setting {key} of tenant {tenant} is wrong."),
    "work_failed": N_("The work failed for a reason that the hub does not know; see the run's log."),
    "work_handler_missing": N_("This installation has no part that does the work of a request of the type {type}."),
    "work_run_lost": N_("The run that did the work is gone; start the work again."),
}
