"""What those read who call the API: commands and their options are for the operator's machine.

By rule, once `speak_of_calls` was said: a sentence that names a command is left out, and an option is told as the field
of its name. Where that would leave nothing, or a call is to be named in the command's place, a text stands here under
the code of `hub/message_texts`. A test walks all texts (tests/hub/api/test_words.py).
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from functools import lru_cache

from hub.i18n import N_

_speaks_of_calls: ContextVar[bool] = ContextVar("speaks_of_calls", default=False)


def speak_of_calls() -> None:
    """From here on, in this task or thread, a reader is somebody who calls the API."""
    _speaks_of_calls.set(True)


COMMANDS = (
    *("actions", "api-keys", "backup", "demo", "doctor", "einvoice", "findeks", "inbox", "integrations", "iys", "keys"),
    *("kvkk", "migrate", "pii", "restore", "sms", "sql", "status", "sync", "templates", "tenants", "up", "users"),
    *("webhooks", "whatsapp"),
)
"""What stands behind `hub` on the command line; not asked of the command line itself, which takes long to load."""
_NAMED = rf"(?<![Tt]he )\bhub (?:{'|'.join(COMMANDS)})\b"
NAMES_A_COMMAND = re.compile(_NAMED)
_IN_BRACKETS = re.compile(rf"\s*\([^()]*{_NAMED}[^()]*\)")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")
OPTION = re.compile(r"--([a-z][a-z0-9-]*)")


def in_calls(text: str) -> str:
    """The text without what only the operator's machine can do, where the reader calls the API."""
    return _in_calls(text) if _speaks_of_calls.get() else text


@lru_cache(maxsize=2_048)
def _in_calls(text: str) -> str:
    sentences = _SENTENCE_ENDS.split(_IN_BRACKETS.sub("", text))
    left = " ".join(sentence for sentence in sentences if not NAMES_A_COMMAND.search(sentence))
    return OPTION.sub(lambda option: f"`{option[1].replace('-', '_')}`", left)


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
    "asked_before_retry": N_(
        "It came back with a backup and is to be tried again; its provider is asked first whether it was done since. To"
        " have it tried without an answer: POST /actions/ACTION/retry."
    ),
    "attempts_used_up": N_("It was tried as often as it may be. Look why, then retry it: POST /actions/ACTION/retry."),
    "breach_delay_unexplained": N_(
        "The 72 hours of breach {breach} were over: fill in `delay_reason` first: PATCH /breaches/BREACH"
    ),
    "breach_persons_not_told": N_(
        "Persons whom breach {breach} concerns were not told (waiting: {count}). Note it: POST /breaches/BREACH/persons"
    ),
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
    "einvoice_nobody_to_ask": N_(
        "Without an invoice profile there is no integrator to ask for what came in: PUT /invoices/profile"
    ),
    "einvoice_profile_missing": N_("The tenant has no invoice profile yet: PUT /invoices/profile"),
    "einvoice_series_doubted": N_(
        "The database was restored: numbers of series {series} of {year} may have been given since the backup."
        " Look up the last one at the integrator: POST /invoices/series/{series}/{year}/confirm"
    ),
    "input_invalid": N_("Some fields are not right; `errors` names them."),
    "hold_over_already": N_("A legal hold ends after it begins: give a time to come."),
    "identifier_not_shared": N_("The identifier is not noted as shared. Note it first: POST /subjects/shared"),
    "dagster_read_only": N_(
        "Dagster is served read-only here; the operator can serve it to administrators for changes."
    ),
    "einvoice_unsigned": N_("The document is not signed yet."),
    "erasure_self_approved": N_("Whoever erases cannot approve it: somebody else must."),
    "event_malformed": N_("It does not say what such an event says. After a correction: POST /inbox/replay"),
    "integration_missing": N_("The tenant has no account at {provider}. Add it: PUT /integrations/{provider}"),
    "integration_settings_invalid": N_(
        "A setting of the account is not right. Store it again: PUT /integrations/PROVIDER"
    ),
    "integration_untested": N_("Waits for a test: POST /integrations/PROVIDER/test"),
    "iys_not_connected": N_(
        "The tenant has no working İYS account, and nothing commercial goes out without: PUT /integrations/iys"
    ),
    "messaging_closing_missing": N_(
        "is commercial, so the tenant must set the sender's title and the opt-out text first: PATCH /messaging"
    ),
    "needs_decision": N_(
        "Nobody can tell whether it was done. Look at the provider, then: POST /actions/ACTION/settle, or retry."
    ),
    "order_basis_missing": N_(
        "No legal basis is recorded for a report on this person (purpose {purpose}, category FINANS). Record one first:"
        " POST /consents or POST /legal-bases"
    ),
    "order_phone_unknown": N_("Choose one of the {count} telephones by its `key`. No PIN was sent."),
    "override_missing": N_("There is no override of {stream}.{column}. GET /policies/overrides shows them."),
    "paused_by_operator": N_("Paused by hand; POST /integrations/PROVIDER/resume starts it again."),
    "request_identity_doubtful": N_(
        "By {method} the identity is not established. Ask for what is missing: POST /requests/REQUEST/ask"
    ),
    "request_identity_open": N_("Who applies is not established yet: POST /requests/REQUEST/identify"),
    "request_review_open": N_(
        "{count} subjects wait for a reviewer's decision: POST /requests/REQUEST/subjects/SUBJECT/decision"
    ),
    "request_subject_unknown": N_("The request has no such subject; GET /requests/REQUEST shows them."),
    "resend_what": N_("Name `event_id` or `since`, and not both."),
    "spend_cap_amount": N_(
        "It would cost more than the tenant allows this provider a day. Raise it (PUT /spend/caps/PROVIDER) or wait for"
        " tomorrow, then retry: POST /actions/ACTION/retry"
    ),
    "spend_cap_count": N_(
        "The tenant's cap of actions a day at this provider is reached. Raise it (PUT /spend/caps/PROVIDER) or wait for"
        " tomorrow, then retry: POST /actions/ACTION/retry"
    ),
    "spend_cap_currency": N_(
        "It costs in another currency than the tenant's cap for this provider is in. Set the cap anew:"
        " PUT /spend/caps/PROVIDER"
    ),
    "storage_full": N_(
        "The tenant's storage is full. Raise the plan or shorten retention, then:"
        " POST /integrations/PROVIDER/resume. Nothing is lost; what came since is fetched then."
    ),
    "tenant_unknown": N_("There is no tenant {tenant}. GET /tenants shows them to the operator's staff."),
    "webhook_address_internal": N_(
        "{host} is no address of the internet. For a network of the operator's own, the operator must allow it."
    ),
    "webhook_exists": N_("{provider} has an address already. For another one: POST /inbox/addresses/{provider}/rotate"),
}
