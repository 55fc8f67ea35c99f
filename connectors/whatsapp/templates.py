"""The catalogue of a business account's templates: what may be sent, and whether a payload fills it.

A template that is not approved, or is filled with one parameter too few, is refused by Meta at the moment of sending;
here that is known when the message is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.actions import Payload, Problem
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.failure import ProviderFailure
from connectors.nested import record_in, records_in
from connectors.settings import invalid
from connectors.whatsapp.client import WhatsAppClient
from connectors.whatsapp.objects import number_in, object_in, objects_in, text_in
from connectors.whatsapp.settings import TEMPLATE_PAGE, WhatsAppSettings

if TYPE_CHECKING:
    import httpx

    from connectors.contract import ConnectionSpec

APPROVED = "APPROVED"
_FIELDS = "id,name,language,status,category,components"
_MOST_PAGES = 100
_PARAMETER = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}")


@dataclass(frozen=True)
class Template:
    """One template in one language."""

    template_id: str
    name: str
    language: str
    status: str
    """APPROVED, PENDING, REJECTED, PAUSED, DISABLED, and whatever Meta thinks of next."""
    category: str
    """marketing, utility or authentication, in small letters."""
    body: str
    parameters: tuple[str, ...]
    """What the body must be filled with: `1`, `2`, … or names."""
    header: str | None = None
    """What the header takes: image, video or document, or `text` when its text has a parameter; None for nothing."""
    buttons: tuple[int, ...] = ()
    """Places of the buttons that must be filled."""
    replies: tuple[int, ...] = ()
    """Places of the buttons that may be given what comes back when they are pressed."""

    @property
    def sendable(self) -> bool:
        """Whether Meta would take it now."""
        return self.status == APPROVED


async def catalogue(spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK) -> list[Template]:
    """Every template of the account, in Meta's order. Raises `ProviderFailure`; settings_invalid without `waba_id`."""
    settings = WhatsAppSettings.of(spec.settings)
    if settings.waba_id is None:
        raise invalid("waba_id")
    return await listed(WhatsAppClient(spec, client, settings=settings, clock=clock), settings.waba_id)


async def listed(client: WhatsAppClient, waba_id: str) -> list[Template]:
    """Follow the cursors to the end. Raises `ProviderFailure`."""
    found: list[Template] = []
    query = {"fields": _FIELDS, "limit": str(TEMPLATE_PAGE)}
    seen: set[str] = set()
    for _ in range(_MOST_PAGES):
        page = await client.get(f"{waba_id}/message_templates", query)
        records = records_in(page, "data")
        found += [template_of(record_in(record)) for record in records]
        after = _cursor(page)
        # The last page may still name a cursor; behind it is an empty page.
        if not records or after is None or after in seen:
            return found
        seen.add(after)
        query["after"] = after
    raise ProviderFailure("transient", "answer_malformed")


def template_of(record: Mapping[str, Any]) -> Template:
    """One record of the list. Raises `ProviderFailure` wrong_type naming the field."""
    texts = {name: _text(record, name) for name in ("id", "name", "language", "status", "category")}
    components = {_type(part): part for part in objects_in(record, "components")}
    body = str(components.get("BODY", {}).get("text", ""))
    header = components.get("HEADER", {})
    buttons = objects_in(components.get("BUTTONS", {}), "buttons")
    return Template(
        texts["id"],
        texts["name"],
        texts["language"],
        texts["status"],
        texts["category"].lower(),
        body,
        tuple(dict.fromkeys(_PARAMETER.findall(body))),
        _header(header),
        tuple(index for index, button in enumerate(buttons) if _is_open(button)),
        tuple(index for index, button in enumerate(buttons) if _type(button) == "QUICK_REPLY"),
    )


def problems(payload: Payload, templates: Sequence[Template]) -> Sequence[Problem]:
    """Why Meta would refuse a checked payload of `whatsapp.template`; empty when it would not."""
    named = [each for each in templates if each.name == payload.get("template")]
    template = next((each for each in named if each.language == payload.get("language")), None)
    if not named:
        return [Problem("template", "whatsapp_template_unknown")]
    if template is None:
        return [Problem("language", "field_not_in_list", {"expected": ", ".join(each.language for each in named)})]
    if not template.sendable:
        return [Problem("template", "whatsapp_template_not_approved", {"status": template.status})]
    found: list[Problem] = []
    if not _fills(payload.get("body") or [], template.parameters):
        found.append(Problem("body", "whatsapp_template_parameters", {"names": ", ".join(template.parameters) or "-"}))
    if template.header != next(iter(payload.get("header") or {}), None):
        found.append(Problem("header", "whatsapp_template_header", {"needs": template.header or "-"}))
    given = [number_in(button, "index") for button in objects_in(payload, "buttons")]
    if set(given) - set(template.replies) != set(template.buttons) or len(set(given)) < len(given):
        places = ", ".join(map(str, template.buttons)) or "-"
        found.append(Problem("buttons", "whatsapp_template_parameters", {"names": places}))
    if payload.get("category", template.category) != template.category:
        found.append(Problem("category", "field_not_in_list", {"expected": template.category}))
    return found


def _fills(body: Any, parameters: tuple[str, ...]) -> bool:
    if isinstance(body, Mapping):
        return set(body) == set(parameters)  # pyright: ignore[reportUnknownArgumentType]
    return len(body) == len(parameters) and all(name.isdecimal() for name in parameters)


def _header(header: Mapping[str, Any]) -> str | None:
    format_ = str(header.get("format", "")).lower()
    if format_ in ("image", "video", "document"):
        return format_
    return "text" if _PARAMETER.search(str(header.get("text", ""))) else None


def _is_open(button: Mapping[str, Any]) -> bool:
    """Whether a button must be filled: a link that ends in a parameter, or a code to copy."""
    if _type(button) in ("URL", "OTP"):
        return _PARAMETER.search(str(button.get("url", "{{1}}"))) is not None
    return _type(button) == "COPY_CODE"


def _type(component: Mapping[str, Any]) -> str:
    return str(component.get("type", "")).upper()


def _cursor(page: Mapping[str, Any]) -> str | None:
    return text_in(object_in(object_in(page, "paging"), "cursors"), "after")


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise ProviderFailure("transient", "wrong_type", field=name)
    return value
