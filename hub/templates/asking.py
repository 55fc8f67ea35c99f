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
    from hub.control.messaging import MessagingSettings
    from hub.db.database import Database
    from hub.outbox.enqueue import NewAction
    from hub.templates.store import Template

TEXT = "text"
"""The field of a payload that every kind of message keeps its words in."""
SAYS = "commercial"
"""The field in which a provider itself is told whether anything is promoted (Netgsm's İYS filter)."""


class Words:
    """A tenant's templates and its settings, each read once however many messages are made of them."""

    def __init__(self, database: Database, tenant_id: str) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._templates: dict[tuple[str, str, int | None], Template] = {}
        self._settings: MessagingSettings | None = None

    def put(
        self, new: NewAction, *, template: str, variables: object, language: str = "tr", version: int | None = None
    ) -> NewAction:
        """The request with the template's words. `variables` are a JSON object.

        `InvalidInput` for what is wrong with variables, channel or text; HubError `template_unknown`,
        `template_retired`, `action_kind_unknown`.
        """
        from connectors.action_registry import kinds

        kind = kinds().get(new.kind)
        if kind is None:
            raise HubError("action_kind_unknown", kind=new.kind, known=", ".join(sorted(kinds())) or "-")
        found = self._template(template, language, version)
        problems: list[Problem] = []
        if not kind.is_message or found.channel != channel_of(kind):
            params = {"channel": found.channel, "kind": kind.name}
            problems.append(Problem("template", "template_channel_differs", params))
        if not isinstance(variables, Mapping):
            problems.append(Problem("variables", "field_wrong"))
        if TEXT in new.payload:
            problems.append(Problem(f"payload.{TEXT}", "template_text_given"))
        if problems:
            raise InvalidInput(problems)
        if self._settings is None:
            self._settings = messaging.of_tenant(self._database, self._tenant_id)
        done = render(found, cast("Mapping[str, Any]", variables), self._settings)
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

    def _template(self, name: str, language: str, version: int | None) -> Template:
        asked = (name, language, version)
        if asked not in self._templates:
            found = store.find(self._database, self._tenant_id, name, language=language, version=version)
            self._templates[asked] = found
        return self._templates[asked]


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
    """One request with a template's words. Raises what `Words.put` does."""
    words = Words(database, tenant_id)
    return words.put(new, template=template, variables=variables, language=language, version=version)
