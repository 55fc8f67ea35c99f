"""Puts a template's words into a request for a message: text, kind and purpose are the template's from then on.

The text is made here, before anything is queued; the outbox keeps it, and a later version changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from hub.control import messaging
from hub.errors import HubError
from hub.messaging.channels import channel_of
from hub.templates import store
from hub.templates.rendering import render
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.outbox.enqueue import NewAction

TEXT = "text"
"""The field of a payload that every kind of message keeps its words in."""
SAYS = "commercial"
"""The field in which a provider itself is told whether anything is promoted (Netgsm's İYS filter)."""


def worded(
    database: Database,
    tenant_id: str,
    new: NewAction,
    *,
    template: str,
    variables: object,
    language: str = "tr",
    version: int | None = None,
) -> NewAction:
    """The request with the template's words. `variables` are a JSON object.

    `InvalidInput` for what is wrong with variables, channel or text; HubError `template_unknown`, `template_retired`,
    `action_kind_unknown`.
    """
    from connectors.action_registry import kinds

    kind = kinds().get(new.kind)
    if kind is None:
        raise HubError("action_kind_unknown", kind=new.kind, known=", ".join(sorted(kinds())) or "-")
    found = store.find(database, tenant_id, template, language=language, version=version)
    problems: list[Problem] = []
    if not kind.is_message or found.channel != channel_of(kind):
        problems.append(Problem("template", "template_channel_differs", {"channel": found.channel, "kind": kind.name}))
    if not isinstance(variables, Mapping):
        problems.append(Problem("variables", "field_wrong"))
    if TEXT in new.payload:
        problems.append(Problem(f"payload.{TEXT}", "template_text_given"))
    if problems:
        raise InvalidInput(problems)
    done = render(found, cast("Mapping[str, Any]", variables), messaging.of_tenant(database, tenant_id))
    payload: dict[str, Any] = {**new.payload, TEXT: done.text}
    if kind.says_commercial is not None:
        payload[SAYS] = done.commercial
    return replace(
        new,
        payload=payload,
        template=template,
        commercial=done.commercial,
        purpose=done.purpose if done.commercial else new.purpose,
    )
