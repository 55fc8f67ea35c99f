"""Which status each of the hub's errors has, its title, and OAuth2's own word for it."""

from __future__ import annotations

from collections.abc import Mapping

from hub.i18n import N_

UNPROCESSABLE = 422
"""Understood, and refused."""

STATUSES: Mapping[str, int] = {
    "input_invalid": 422,
    "request_malformed": 400,
    "cross_origin_refused": 400,
    "tenant_header_missing": 400,
    "idempotency_key_missing": 400,
    "cursor_malformed": 400,
    "precondition_not_here": 400,
    "integration_not_active": 409,
    "token_request_incomplete": 400,
    "scope_unknown_here": 400,
    "grant_type_unknown": 400,
    "scope_not_granted": 400,
    "tenant_needed": 400,
    "credential_missing": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "token_reused": 401,
    "token_of_ended_key": 401,
    "api_key_invalid": 401,
    "client_refused": 401,
    "sign_in_refused": 401,
    "second_factor_needed": 401,
    "second_factor_wrong": 401,
    "password_wrong": 403,
    "api_key_ended": 409,
    "user_unnamed": 404,
    "second_factor_unset": 409,
    "second_factor_exists": 409,
    "second_factor_not_begun": 409,
    "user_is_oneself": 409,
    "last_of_role": 409,
    "one_time_token_invalid": 401,
    "permission_missing": 403,
    "sign_in_from_elsewhere": 403,
    "originals_need_second_factor": 403,
    "role_needs_second_factor": 403,
    "tenant_not_yours": 403,
    "suspended_reads_only": 403,
    "plan_limit_reached": 403,
    "not_found": 404,
    "integration_missing": 404,
    "override_missing": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "too_slow": 408,
    "header_too_large": 431,
    "idempotency_key_in_use": 409,
    "action_kind_unknown": 422,
    "action_not_stuck": 409,
    "action_not_waiting": 409,
    "action_never_tried": 409,
    "action_payload_gone": 409,
    "template_retired": 409,
    "event_too_old": 409,
    "account_paused": 409,
    "pin_not_sent": 409,
    "report_already_ordered": 409,
    "order_pin_locked": 409,
    "order_phone_unknown": 422,
    "order_report_unknown": 422,
    "einvoice_alias_unknown": 422,
    "einvoice_cancel_by_both": 409,
    "einvoice_cancel_early": 409,
    "einvoice_document_cannot": 409,
    "einvoice_document_tried": 409,
    "einvoice_incoming_answered": 409,
    "einvoice_profile_missing": 404,
    "einvoice_nobody_to_ask": 409,
    "einvoice_seal_missing": 404,
    "response_too_late": 409,
    "payment_not_billable": 409,
    "webhook_exists": 409,
    "webhook_missing": 404,
    "idempotent_answer_not_kept": 409,
    "version_differs": 412,
    "user_changed": 412,
    "consent_already_withdrawn": 409,
    "basis_already_ended": 409,
    "check_not_examined": 409,
    "check_not_open": 409,
    "check_data_left": 409,
    "identifier_not_shared": 409,
    "subject_unknown": 422,
    "action_link_not_made": 409,
    "action_link_gone": 404,
    "mail_not_stuck": 409,
    "breach_closed": 409,
    "breach_told_already": 409,
    "breach_not_told": 409,
    "breach_board_not_told": 409,
    "breach_persons_not_told": 409,
    "breach_no_false_alarm": 409,
    "breach_notice_incomplete": 409,
    "breach_subject_unknown": 422,
    "identifier_kind_unknown": 422,
    "refusal_ground_unknown": 422,
    "subject_kind_unknown": 422,
    "request_act_not_allowed": 409,
    "request_identity_open": 409,
    "request_review_open": 409,
    "request_subject_not_in_review": 409,
    "request_work_running": 409,
    "request_before_erasure": 409,
    "request_package_gone": 409,
    "request_work_open": 409,
    "request_work_refused": 409,
    "request_not_to_erase": 409,
    "request_not_yours": 403,
    "request_role_wrong": 403,
    "request_without_package": 404,
    "request_without_email": 409,
    "erasure_self_approved": 403,
    "erasure_starter_unknown": 409,
    "export_not_ready": 409,
    "export_file_gone": 404,
    "export_passphrase_gone": 409,
    "public_url_missing": 409,
    "body_too_large": 413,
    "body_not_json": 415,
    "body_compressed": 415,
    "body_not_form": 415,
    "idempotency_key_of_another_call": 422,
    "idempotency_key_reused": 422,
    "plan_used_up_today": 429,
    "sign_in_locked": 429,
    "too_many_calls": 429,
    "sign_in_busy": 503,
    "too_many_connections": 503,
    "resend_what": 422,
    "hub_failed": 500,
    "database_down": 503,
    "database_busy": 503,
    "restore_unfinished": 503,
    "server_too_old": 503,
    "role_too_powerful": 503,
    "home_missing": 503,
    "not_migrated": 503,
    "dagster_not_signed_in": 401,
    "dagster_not_here": 404,
    "dagster_method": 405,
    "dagster_cross_site": 403,
    "dagster_operate_missing": 403,
    "dagster_read_only": 403,
    "dagster_mutation_by_get": 405,
    "dagster_body_type": 415,
    "dagster_body_large": 413,
    "dagster_body_slow": 408,
    "dagster_body_unreadable": 400,
    "dagster_operation_unclear": 400,
    "dagster_batch": 400,
    "dagster_too_many_mutations": 400,
    "dagster_mutation_unknown": 400,
    "dagster_not_audited": 503,
    "dagster_away": 503,
    "dagster_slow": 504,
}
"""By code; a code that is not here is judged by its ending, and else is 422: understood, and refused."""

_ENDINGS: tuple[tuple[str, int], ...] = (("_unknown", 404), ("_taken", 409), ("_exists", 409), ("_in_use", 409))
_PREFIXES: tuple[tuple[str, int], ...] = (("master_key", 503), ("tenant_keys", 503), ("keys_", 503))
OAUTH_ERRORS: Mapping[str, str] = {
    "sign_in_refused": "invalid_grant",
    "client_refused": "invalid_client",
    "second_factor_needed": "invalid_grant",
    "second_factor_wrong": "invalid_grant",
    "token_invalid": "invalid_grant",
    "token_expired": "invalid_grant",
    "token_reused": "invalid_grant",
    "tenant_needed": "invalid_request",
    "token_request_incomplete": "invalid_request",
    "grant_type_unknown": "unsupported_grant_type",
    "scope_unknown_here": "invalid_scope",
    "scope_not_granted": "invalid_scope",
}
"""RFC 6749, section 5.2: what a standard client reads of a refused token request."""
_LATER = frozenset({429, 503})
_UNREADABLE = frozenset({400, 415, 422})

TITLES: Mapping[int, str] = {
    400: N_("The call is not well formed"),
    401: N_("Sign in first"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Not possible here"),
    406: N_("No such form"),
    408: N_("Too slow"),
    409: N_("In conflict with what is there"),
    412: N_("Changed meanwhile"),
    413: N_("Too large"),
    415: N_("Not a form that is understood"),
    422: N_("Not accepted"),
    429: N_("Too many calls"),
    431: N_("Too large"),
    500: N_("An error of the hub"),
    502: N_("The provider did not do it"),
    503: N_("Not available now"),
    504: N_("No answer in time"),
}


def status_of(code: str) -> int:
    """The status for an error's code."""
    known = STATUSES.get(code)
    if known is not None:
        return known
    for start, status in _PREFIXES:
        if code.startswith(start):
            return status
    return next((status for ending, status in _ENDINGS if code.endswith(ending)), UNPROCESSABLE)


def for_clients(code: str) -> tuple[int, str | None]:
    """Status and word of a refusal where OAuth2's clients call (RFC 6749, section 5.2); the word is None for others'.

    400 for all but a client that is not the one it says it is. A wait stays a wait: that section has no word for it,
    section 4.1.2.1 has.
    """
    status, word = status_of(code), OAUTH_ERRORS.get(code)
    if status in _LATER:
        return status, "temporarily_unavailable"
    if word is None:
        return (400, "invalid_request") if status in _UNREADABLE else (status, None)
    return (401 if word == "invalid_client" else 400), word
