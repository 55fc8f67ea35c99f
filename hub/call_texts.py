"""Texts that name the call to make, for those who read an answer of the API: commands are for the operator's machine.

By the codes of `hub/message_texts`, in whose place they stand once `speak_of_calls` was said.
"""

from __future__ import annotations

from contextvars import ContextVar

from hub.i18n import N_

_speaks_of_calls: ContextVar[bool] = ContextVar("speaks_of_calls", default=False)


def speak_of_calls() -> None:
    """From here on, in this task or thread, a reader is somebody who calls the API."""
    _speaks_of_calls.set(True)


def call_text(code: str) -> str | None:
    """The text of a code for callers, or None where the common one serves both."""
    return CALL_TEXTS.get(code) if _speaks_of_calls.get() else None


CALL_TEXTS = {
    "account_missing": N_("The tenant has no account at the provider. Add one: PUT /integrations/PROVIDER."),
    "account_paused": N_("The account at the provider is paused. Go on: POST /integrations/PROVIDER/resume."),
    "action_never_tried": N_(
        "The action {action} was stopped before anything was sent, so nothing can have become of it. Ask for it anew,"
        " or retry it: POST /actions/ACTION/retry."
    ),
    "attempts_used_up": N_("It was tried as often as it may be. Look why, then retry it: POST /actions/ACTION/retry."),
    "cap_reached": N_(
        "Today's limit for the provider is used up. Raise it (PUT /spend/caps/PROVIDER) or wait for tomorrow."
    ),
    "check_data_left": N_(
        "Records are left: {count}. Erase them first by a request of the person, or settle it as kept."
    ),
    "check_reason_missing": N_("Say in `reason` why it is kept: an article, a hold or a file number."),
    "credentials_expired": N_(
        "The credentials have expired. Get new ones from the provider: PUT /integrations/PROVIDER"
    ),
    "credentials_rejected": N_(
        "The provider does not accept the credentials. Store them again: PUT /integrations/PROVIDER"
    ),
    "einvoice_profile_missing": N_("The tenant has no invoice profile yet: PUT /invoices/profile"),
    "einvoice_series_doubted": N_(
        "The database was restored: numbers of series {series} of {year} may have been given since the backup."
        " Look up the last one at the integrator: POST /invoices/series/{series}/{year}/confirm"
    ),
    "hold_over_already": N_("A legal hold ends after it begins: give a time to come."),
    "identifier_not_shared": N_("The identifier is not noted as shared. Note it first: POST /subjects/shared"),
    "integration_missing": N_("The tenant has no account at {provider}. Add it: PUT /integrations/{provider}"),
    "integration_settings_invalid": N_(
        "A setting of the account is not right. Store it again: PUT /integrations/PROVIDER"
    ),
    "integration_untested": N_("Waits for a test: POST /integrations/PROVIDER/test"),
    "needs_decision": N_(
        "Nobody can tell whether it was done. Look at the provider, then: POST /actions/ACTION/settle, or retry."
    ),
    "override_missing": N_("There is no override of {stream}.{column}. GET /policies/overrides shows them."),
    "paused_by_operator": N_("Paused by hand; POST /integrations/PROVIDER/resume starts it again."),
    "request_identity_open": N_("Who applies is not established yet: POST /requests/REQUEST/identify"),
    "request_review_open": N_(
        "{count} subjects wait for a reviewer's decision: POST /requests/REQUEST/subjects/SUBJECT/decision"
    ),
    "spend_cap_amount": N_(
        "It would cost more than the tenant allows this provider a day. Tomorrow goes on, or: PUT /spend/caps/PROVIDER"
    ),
    "spend_cap_count": N_(
        "The tenant's cap of actions a day at this provider is reached. Tomorrow goes on, or: PUT /spend/caps/PROVIDER"
    ),
    "tenant_unknown": N_("There is no tenant {tenant}. GET /tenants shows them to the operator's staff."),
    "webhook_address_internal": N_(
        "{host} is no address of the internet. For a network of the operator's own, the operator must allow it."
    ),
}
