"""Netgsm's pushes to the inbox: hints, for nobody signs them.

A report has the outbox ask Netgsm, an incoming SMS has its inbox read. Only a refusal, by a word in return or at İYS,
is heeded at once, for it costs nobody anything but silence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from connectors.actions import Recipient
from connectors.failure import ProviderFailure
from connectors.netgsm.permission_push import KIND, permission_events, permission_heard
from connectors.netgsm.push import IncomingSms, Pushed, read_push
from connectors.webhook_bodies import composite, object_of
from connectors.webhooks import (
    Account,
    AskAbout,
    Call,
    CallMalformed,
    Meaning,
    MessageHeard,
    ReadAgain,
    Standing,
    Verdict,
    WebhookEvent,
    WebhookSource,
)

_REPORT, _SMS = "report", "sms"


def verify(_call: Call, _account: Account) -> Verdict:
    """The secret in the path is all there is."""
    return "unsigned"


def events(call: Call) -> Sequence[WebhookEvent]:
    """Every record that can be made out, from a body in any form or from the query."""
    permissions = permission_events(call.body)
    if permissions is not None:
        return permissions
    pushed: list[Pushed] = []
    with suppress(ProviderFailure):
        pushed = read_push(call.body, content_type=call.headers.get("content-type", ""), query=call.query)
    if not pushed:
        raise CallMalformed("neither a report nor a message nor a permission")
    return [_event(each) for each in pushed]


def meanings(event: WebhookEvent, standing: Standing) -> Sequence[Meaning]:
    """What is to be asked, what somebody wrote, and what they said at İYS."""
    if event.kind == KIND:
        return permission_heard(event, standing)
    said = object_of(event.body)
    if event.kind == _REPORT:
        return [AskAbout(said.get("reference"), said.get("provider_reference"))]
    sender, at = said.get("sender"), said.get("at")
    contacts = [Recipient("phone", sender)] if sender else []
    moment = datetime.fromisoformat(at) if at else standing.received_at
    return [ReadAgain(), MessageHeard("sms", contacts, moment, str(said.get("text", "")))]


def _event(pushed: Pushed) -> WebhookEvent:
    if isinstance(pushed, IncomingSms):
        at = None if pushed.at is None else pushed.at.isoformat()
        said: Mapping[str, Any] = {"sender": pushed.sender, "text": pushed.text, "at": at}
        return WebhookEvent(composite(*pushed.identity), _SMS, _body(said))
    said = {"reference": pushed.row.reference, "provider_reference": pushed.provider_reference}
    return WebhookEvent(composite(*pushed.identity), _REPORT, _body(said))


def _body(said: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(said), ensure_ascii=False).encode("utf-8", "surrogatepass")


WEBHOOKS = WebhookSource(provider="netgsm", verify=verify, events=events, meanings=meanings, by_query=True)
