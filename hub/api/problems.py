"""Problem documents (RFC 9457) from the hub's errors, in the reader's language.

The hub's errors are codes with ids and counts (hub/errors.py); here each gets a status. `type` is a name and no
address: `urn:kopru:problem:CODE`. Nothing that a caller sent is repeated, and no stack trace ever leaves.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from connectors.failure import ProviderFailure
from hub.errors import HubError
from hub.i18n import N_, language_in_use
from hub.messages import explain, failure_text, text_of
from hub.validation import InvalidInput, Problem, problem_at
from kvkk_policies.problems import PolicyError

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:kopru:problem:"

STATUSES: Mapping[str, int] = {
    "input_invalid": 422,
    "request_malformed": 400,
    "tenant_header_missing": 400,
    "idempotency_key_missing": 400,
    "cursor_malformed": 400,
    "token_request_incomplete": 400,
    "scope_unknown_here": 400,
    "scope_not_granted": 400,
    "tenant_needed": 400,
    "credential_missing": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "token_reused": 401,
    "sign_in_refused": 401,
    "second_factor_needed": 401,
    "second_factor_wrong": 401,
    "password_wrong": 403,
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
    "plan_limit_reached": 403,
    "not_found": 404,
    "integration_missing": 404,
    "override_missing": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "too_slow": 408,
    "idempotency_key_in_use": 409,
    "action_kind_unknown": 422,
    "action_not_stuck": 409,
    "action_not_waiting": 409,
    "action_never_tried": 409,
    "action_payload_gone": 409,
    "template_retired": 409,
    "event_too_old": 409,
    "account_paused": 409,
    "report_already_ordered": 409,
    "order_pin_locked": 409,
    "order_phone_unknown": 422,
    "order_report_unknown": 422,
    "einvoice_alias_unknown": 422,
    "einvoice_document_cannot": 409,
    "einvoice_incoming_answered": 409,
    "response_too_late": 409,
    "payment_not_billable": 409,
    "webhook_exists": 409,
    "webhook_missing": 404,
    "idempotent_answer_not_kept": 409,
    "version_differs": 412,
    "user_changed": 412,
    "consent_already_withdrawn": 409,
    "basis_already_ended": 409,
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
    "idempotency_key_of_another_call": 422,
    "idempotency_key_reused": 422,
    "sign_in_locked": 429,
    "too_many_calls": 429,
    "sign_in_busy": 503,
    "resend_what": 422,
    "hub_failed": 500,
    "database_down": 503,
    "database_busy": 503,
    "restore_unfinished": 503,
    "server_too_old": 503,
    "role_too_powerful": 503,
    "home_missing": 503,
    "not_migrated": 503,
}
"""By code; a code that is not here is judged by its ending, and else is 422: understood, and refused."""

_ENDINGS: tuple[tuple[str, int], ...] = (("_unknown", 404), ("_taken", 409), ("_exists", 409), ("_in_use", 409))
_PREFIXES: tuple[tuple[str, int], ...] = (("master_key", 503), ("tenant_keys", 503), ("keys_", 503))
OAUTH_ERRORS: Mapping[str, str] = {
    "sign_in_refused": "invalid_grant",
    "second_factor_needed": "invalid_grant",
    "second_factor_wrong": "invalid_grant",
    "token_invalid": "invalid_grant",
    "token_expired": "invalid_grant",
    "token_reused": "invalid_grant",
    "tenant_needed": "invalid_request",
    "token_request_incomplete": "invalid_request",
    "scope_unknown_here": "invalid_scope",
    "scope_not_granted": "invalid_scope",
}
"""RFC 6749, section 5.2: what a standard client reads of a refused token request."""
RETRY_AFTER_SECONDS = 5
MOST_FIELDS_NAMED = 100
"""A megabyte of fields that are not known is no reason to write a hundred thousand sentences."""
_UNPROCESSABLE = 422

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
    500: N_("An error of the hub"),
    502: N_("The provider did not do it"),
    503: N_("Not available now"),
}


class WrongField(BaseModel):
    """One field that is wrong, and how to mend it."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(examples=["subdomain"])
    code: str = Field(examples=["field_missing"])
    detail: str = Field(examples=["is missing; give it a value."])


class ProblemDocument(BaseModel):
    """RFC 9457: what went wrong, in the language asked for. `code` is stable; texts are for people."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(examples=["urn:kopru:problem:tenant_unknown"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no such tenant."])
    code: str = Field(examples=["tenant_unknown"])
    error: str | None = Field(
        default=None, examples=["invalid_grant"], description="RFC 6749's word, for clients of OAuth2 that look for it."
    )
    request_id: str | None = Field(default=None, examples=["6f1c1f2e9d1b4c0d8a53c2a7be0c9f11"])
    errors: list[WrongField] | None = None


def status_of(code: str) -> int:
    """The status for an error's code."""
    known = STATUSES.get(code)
    if known is not None:
        return known
    for start, status in _PREFIXES:
        if code.startswith(start):
            return status
    return next((status for ending, status in _ENDINGS if code.endswith(ending)), _UNPROCESSABLE)


def answer(error: Exception, *, request_id: str | None = None) -> JSONResponse:
    """The problem document for whatever was raised, in the language in use."""
    if isinstance(error, RequestValidationError):
        error = InvalidInput(_wrong_fields(error))
    if isinstance(error, HTTPException):
        error = _of_status(error)
    if isinstance(error, HubError):
        return _hub_error(error, request_id)
    if isinstance(error, PolicyError):
        return problem(_UNPROCESSABLE, "policies_invalid", explain(error), request_id=request_id)
    if isinstance(error, ProviderFailure):
        text = failure_text(error.code, status=error.status, provider_code=error.provider_code, field=error.field)
        return problem(502, error.code, text, request_id=request_id)
    # The class alone: what an unforeseen exception says may hold anything.
    logger.error("request %s failed: %s", request_id, type(error).__name__)
    return problem(500, "hub_failed", text_of("hub_failed"), request_id=request_id)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    request_id: str | None = None,
    errors: Sequence[WrongField] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """One problem document as a response."""
    from hub.i18n import _

    document = ProblemDocument(
        type=TYPE_PREFIX + code,
        title=_(TITLES[status]),
        status=status,
        detail=detail,
        code=code,
        error=OAUTH_ERRORS.get(code),
        request_id=request_id,
        errors=list(errors) if errors else None,
    )
    return JSONResponse(
        document.model_dump(exclude_none=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Content-Language": language_in_use(), "Cache-Control": "no-store", **(headers or {})},
    )


def _hub_error(error: HubError, request_id: str | None) -> JSONResponse:
    status = status_of(error.code)
    headers: dict[str, str] = {}
    wait = error.params.get("retry_seconds")
    if status in {429, 503}:
        headers["Retry-After"] = str(int(wait) if wait is not None else RETRY_AFTER_SECONDS)
    if status == 401:
        headers["WWW-Authenticate"] = f'Bearer realm="kopru", error="{_bearer_error(error.code)}"'
    if status == 503:
        # Which role could not connect, or where a key file is missing, is the operator's business.
        logger.error("request %s could not be served: %s", request_id, error)
        return problem(503, error.code, text_of("service_unavailable"), request_id=request_id, headers=headers)
    if isinstance(error, InvalidInput):
        fields = [
            WrongField(field=one.field, code=one.code, detail=text_of(one.code, **one.params)) for one in error.problems
        ]
        return problem(status, error.code, text_of(error.code), request_id=request_id, errors=fields, headers=headers)
    return problem(status, error.code, text_of(error.code, **error.params), request_id=request_id, headers=headers)


def _bearer_error(code: str) -> str:
    """RFC 6750, section 3.1."""
    return "invalid_token" if code.startswith("token_") else "invalid_request"


def _of_status(error: HTTPException) -> HubError:
    codes = {
        400: "request_malformed",
        401: "credential_missing",
        403: "permission_missing",
        404: "not_found",
        405: "method_not_allowed",
        406: "not_acceptable",
        408: "too_slow",
        413: "body_too_large",
        415: "body_not_json",
        429: "too_many_calls",
        503: "database_busy",
    }
    return HubError(codes.get(error.status_code, "request_malformed"))


def _wrong_fields(error: RequestValidationError) -> list[Problem]:
    return [_wrong_field(detail) for detail in error.errors()[:MOST_FIELDS_NAMED]]


def _wrong_field(detail: Mapping[str, Any]) -> Problem:
    location = [str(part) for part in detail.get("loc") or ()]
    place, inner = location[:1], location[1:]
    if detail["type"] == "json_invalid":
        return Problem("body", "field_not_json")
    name = ".".join(inner) or (place[0] if place else "-")
    found = problem_at(name, detail, known=())
    if found.code == "field_unknown":
        return Problem(name, "field_unexpected")
    return found
