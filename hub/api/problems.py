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
from hub.api.statuses import TITLES, UNPROCESSABLE, for_clients, status_of
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

RETRY_AFTER_SECONDS = 5
MOST_FIELDS_NAMED = 100
"""A megabyte of fields that are not known is no reason to write a hundred thousand sentences."""
_NO_TOKEN = N_("No token is given")


MOST_NAME_CHARACTERS = 200
"""Of a field or parameter that the hub does not know, and so of a name that could be anything."""


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
        default=None, examples=["invalid_grant"], description="RFC 6749's word, where clients of OAuth2 look for it."
    )
    request_id: str | None = Field(default=None, examples=["6f1c1f2e9d1b4c0d8a53c2a7be0c9f11"])
    errors: list[WrongField] | None = None


def answer(error: Exception, *, request_id: str | None = None, oauth: bool = False) -> JSONResponse:
    """The problem document for whatever was raised, in the language in use; with `oauth` as its clients read it."""
    if isinstance(error, RequestValidationError):
        error = InvalidInput(_wrong_fields(error))
    if isinstance(error, HTTPException):
        error = _of_status(error)
    if isinstance(error, HubError):
        return _hub_error(error, request_id, oauth=oauth)
    if isinstance(error, PolicyError):
        return problem(UNPROCESSABLE, "policies_invalid", explain(error), request_id=request_id)
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
    word: str | None = None,
) -> JSONResponse:
    """One problem document as a response. `word` is OAuth2's for it."""
    from hub.i18n import _

    document = ProblemDocument(
        type=TYPE_PREFIX + code,
        title=_(_NO_TOKEN if word is not None and status < 429 else TITLES[status]),
        status=status,
        detail=detail,
        code=code,
        error=word,
        request_id=request_id,
        errors=list(errors) if errors else None,
    )
    return JSONResponse(
        document.model_dump(exclude_none=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Content-Language": language_in_use(), "Cache-Control": "no-store", **(headers or {})},
    )


def _hub_error(error: HubError, request_id: str | None, *, oauth: bool) -> JSONResponse:
    status, word = for_clients(error.code) if oauth else (status_of(error.code), None)
    headers: dict[str, str] = {}
    wait = error.params.get("retry_seconds")
    if status in {429, 503}:
        headers["Retry-After"] = str(int(wait) if wait is not None else RETRY_AFTER_SECONDS)
    if status == 401:
        headers["WWW-Authenticate"] = _challenge(error.code)
    if status == 503:
        # Which role could not connect, or where a key file is missing, is the operator's business.
        logger.error("request %s could not be served: %s", request_id, error)
        text = text_of("service_unavailable")
        return problem(503, error.code, text, request_id=request_id, headers=headers, word=word)
    if isinstance(error, InvalidInput):
        fields = [
            WrongField(field=one.field, code=one.code, detail=text_of(one.code, **one.params)) for one in error.problems
        ]
        text = text_of(error.code)
        return problem(status, error.code, text, request_id=request_id, errors=fields, headers=headers, word=word)
    text = text_of(error.code, **error.params)
    return problem(status, error.code, text, request_id=request_id, headers=headers, word=word)


def _challenge(code: str) -> str:
    """How to come in: RFC 6750, section 3.1, with no error where no credential was sent; for a client RFC 6749, 5.2."""
    if code == "credential_missing":
        return 'Bearer realm="kopru"'
    if code == "client_refused":
        return 'Basic realm="kopru"'
    wrong = code.startswith("token_") or code == "api_key_invalid"
    return f'Bearer realm="kopru", error="{"invalid_token" if wrong else "invalid_request"}"'


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
    name = ".".join(inner)[:MOST_NAME_CHARACTERS] or (place[0] if place else "-")
    found = problem_at(name, detail, known=())
    if found.code == "field_unknown":
        return Problem(name, "field_unexpected")
    return found
