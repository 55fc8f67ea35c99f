"""Why a provider did not give what was asked: codes of `connectors.failure`, and of the sync itself."""

from hub.i18n import N_

TEXTS = {
    "credentials_rejected": N_("The provider does not accept the credentials. Store them again: hub integrations set"),
    "credentials_expired": N_("The credentials have expired. Get new ones from the provider: hub integrations set"),
    "not_licensed": N_("The account has no right to this service; the provider must open it."),
    "address_refused": N_("The provider refuses this server's address; have it put on the provider's list."),
    "account_frozen": N_("The provider has frozen the account; speak to the provider."),
    "rate_limited": N_("The provider asks for fewer requests; it goes on later."),
    "provider_error": N_("The provider has a fault of its own; it is tried again."),
    "provider_unreachable": N_("The provider cannot be reached; it is tried again."),
    "provider_timeout": N_("The provider did not answer in time; it is tried again."),
    "answer_truncated": N_("The provider's answer broke off; it is tried again."),
    "answer_malformed": N_("The provider's answer was not readable; it is tried again."),
    "wrong_type": N_("The provider sent a value of another type than declared; nothing of that window was loaded."),
    "request_refused": N_(
        "The provider refused the request itself: something in it does not fit. Look the code up at the provider; where"
        " nothing in the request is wrong, it is a fault of the connector: please report it."
    ),
    "window_too_old": N_("The provider no longer holds data this old; choose a later first day."),
    "basis_missing": N_("A person's record has no recorded legal basis and was refused; record a consent first."),
    "basis_inactive": N_(
        "The legal basis recorded for the person carries this no more: withdrawn, ended, expired, or for other data."
    ),
    "subject_unreadable": N_("The record does not name its person by a valid identity number, and was refused."),
    "awaiting_basis": N_("{count} records were refused for want of a legal basis. See: hub kvkk refusals"),
    "file_malformed": N_(
        "A file could not be read and was left out; the others were read. The field names it by its SHA-256."
    ),
}
