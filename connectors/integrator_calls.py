"""Calls of e-invoice integrators: none documents any, several make them for customers who ask.

Whatever a call says, it names a document by the id that the document itself carries (ETTN, a UUID) or that the
integrator gave it. It is a hint to ask the integrator, and settles nothing. The secret in the path is the proof; where
the account has a `webhook_secret`, the call must carry it in `X-Webhook-Secret` as well.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.webhook_bodies import composite, first_of, object_of, packed, records_of
from connectors.webhooks import (
    Account,
    AskAbout,
    Call,
    CallMalformed,
    Meaning,
    Standing,
    Verdict,
    WebhookEvent,
    WebhookSource,
    kind_of,
)

HEADER = "x-webhook-secret"
KEY = "webhook_secret"
_DOCUMENT = ("uuid", "ettn", "documentUuid", "documentId", "invoiceUuid", "invoiceId", "id")
_STATE = ("status", "state", "durum", "statusCode", "invoiceStatus")
_KIND = ("event", "eventType", "type")
_MOMENT = ("timestamp", "date", "time", "occurredAt")


def source_of(provider: str) -> WebhookSource:
    """How that integrator calls, for `WEBHOOKS` in its folder."""
    return WebhookSource(provider=provider, verify=verify, events=events, meanings=meanings)


def verify(call: Call, account: Account) -> Verdict:
    """Never more than `unsigned`: a secret that is sent along says nothing of what it is sent with."""
    secret = account.credentials.get(KEY)
    if not secret:
        return "unsigned"
    given = call.headers.get(HEADER, "")
    if not given:
        return "missing"
    same = hmac.compare_digest(given.encode("utf-8", "replace"), secret.reveal().encode())
    return "unsigned" if same else "wrong"


def events(call: Call) -> Sequence[WebhookEvent]:
    """One a record: document, state and time tell it from others."""
    found: list[WebhookEvent] = []
    for record in records_of(call):
        document = _document(record)
        identity = composite(document, first_of(record, *_STATE), first_of(record, *_MOMENT))
        found.append(WebhookEvent(identity, kind_of(first_of(record, *_KIND) or "document"), packed(record)))
    return found


def meanings(event: WebhookEvent, _standing: Standing) -> Sequence[Meaning]:
    """Ask about the document, in every spelling of its id that the outbox may know it under."""
    document = _document(object_of(event.body))
    spellings = sorted({document, document.lower(), document.upper()})
    return [AskAbout(document.replace("-", "").lower(), each) for each in spellings]


def _document(record: Mapping[str, Any]) -> str:
    document = first_of(record, *_DOCUMENT)
    if not document:
        raise CallMalformed("no document")
    return document
