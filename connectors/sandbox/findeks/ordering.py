"""The endpoints that cost something: consents, PINs, and the order of a report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.findeks.bureau import known_subject
from connectors.sandbox.findeks.desk import MOST_PINS, MOST_TRIES, PIN_LIFE, Consent, orders_of
from connectors.sandbox.findeks.envelope import answer, failure, local_time

if TYPE_CHECKING:
    from starlette.requests import Request

    from connectors.sandbox.world import World

_REQUIRED = ("identityType", "identityNumber", "purpose", "legalBasis")
_ORDERABLE = ("RISK", "CHEQUE", "QR_CHEQUE")
INVALID, EXPIRED, LOCKED = "6002", "6003", "6004"


async def create(world: World, company_id: str, request: Request) -> Response:
    """POST /findeks/consents."""
    given = await _document(request)
    for name in _REQUIRED:
        if not isinstance(given.get(name), str) or not given[name]:
            return failure("1002", status=400, field=name)
    subject = known_subject(world, company_id, given["identityType"], given["identityNumber"])
    if subject is None:
        return failure("6005", status=404)
    consent = orders_of(world).consent(company_id, subject, **{name: str(given[name]) for name in given})
    return answer({"consentId": consent.consent_id, "status": "CREATED"}, status=201)


async def phones(world: World, company_id: str, request: Request) -> Response:
    """GET /findeks/consents/{id}/phones. Keys come as numbers, as an integrator's do."""
    consent = _named(world, company_id, request)
    if consent is None:
        return failure("1003", status=404)
    return answer({"phones": [{"key": int(key), "masked": masked} for key, masked in consent.phones.items()]})


async def send_pin(world: World, company_id: str, request: Request) -> Response:
    """POST /findeks/consents/{id}/pin; again means a new one, three times at most."""
    consent, given = _named(world, company_id, request), await _document(request)
    if consent is None or str(given.get("phoneKey")) not in consent.phones:
        return failure("1003", status=404 if consent is None else 400)
    if len(consent.pins) >= MOST_PINS or _locked(consent):
        return failure(LOCKED, status=422)
    ends = orders_of(world).send_pin(world, company_id, consent)
    return answer({"status": "PIN_SENT", "expiresAt": local_time(ends)}, status=202)


async def confirm(world: World, company_id: str, request: Request) -> Response:
    """POST /findeks/consents/{id}/confirm."""
    consent, given = _named(world, company_id, request), await _document(request)
    if consent is None:
        return failure("1003", status=404)
    if consent.sent_at is None:
        return failure(INVALID, status=422)
    if _locked(consent):
        return failure(LOCKED, status=422)
    if world.clock.now() >= consent.sent_at + PIN_LIFE:
        return failure(EXPIRED, status=422)
    if given.get("pin") != consent.pins[-1]:
        consent.tries += 1
        return failure(LOCKED if _locked(consent) else INVALID, status=422)
    consent.confirmed = True
    return Response(status_code=204)


async def order(world: World, company_id: str, request: Request) -> Response:
    """POST /findeks/reports: bought once under a key, however often it is asked for."""
    given, key = await _document(request), request.headers.get("idempotency-key", "")
    consent = orders_of(world).consents[company_id].get(str(given.get("consentId")))
    if given.get("reportType") not in _ORDERABLE:
        return failure("1002", status=400, field="reportType")
    if consent is None or not consent.confirmed:
        return failure("6001", status=403)
    query = orders_of(world).order(world, company_id, consent, given["reportType"], key)
    if query is None:
        return failure("1002", status=422, field="Idempotency-Key")
    return answer({"reportId": query.report_id, "status": query.state(world.clock.now())}, status=202)


def _locked(consent: Consent) -> bool:
    return consent.tries >= MOST_TRIES


def _named(world: World, company_id: str, request: Request) -> Consent | None:
    return orders_of(world).consents[company_id].get(request.path_params["consent_id"])


async def _document(request: Request) -> dict[str, Any]:
    try:
        document: Any = json.loads(await request.body() or b"null")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}  # pyright: ignore[reportUnknownVariableType]
