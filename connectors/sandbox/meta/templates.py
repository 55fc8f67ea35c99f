"""Templates of an account, and what Meta says to a message that does not fill one."""

from __future__ import annotations

import re
from typing import Any

from connectors.sandbox.chance import number

_PARAMETER = re.compile(r"\{\{([a-z0-9_]+)\}\}")
_STATUS_CODES = {"PAUSED": 132015, "DISABLED": 132016}


def first_ones(seed: int, company_id: str) -> list[dict[str, Any]]:
    """What every company has had approved, and some that it has not."""
    made = [
        _template("siparis_durumu", "UTILITY", "Merhaba {{1}}, {{2}} numaralı siparişiniz kargoda."),
        _template(
            "siparis_takip",
            "UTILITY",
            "Merhaba {{1}}, siparişinizi izleyebilirsiniz.",
            buttons=[
                {
                    "type": "URL",
                    "text": "Siparişim",
                    "url": "https://example.com/siparis/{{1}}",
                    "example": ["https://example.com/siparis/A"],
                },
                {"type": "QUICK_REPLY", "text": "Ara"},
            ],
        ),
        _template("odeme_alindi", "UTILITY", "Sayın {{ad}}, {{tutar}} tutarındaki ödemeniz alındı."),
        _template(
            "fatura",
            "UTILITY",
            "Faturanız ektedir.",
            header={
                "type": "HEADER",
                "format": "DOCUMENT",
                "example": {"header_handle": ["https://example.com/f.pdf"]},
            },
        ),
        _template("kampanya", "MARKETING", "{{1}}, bu hafta sonu her şey %20 indirimli."),
        _template("dogrulama", "AUTHENTICATION", "{{1}} doğrulama kodunuz."),
        _template("eski_kampanya", "MARKETING", "Kış indirimi.", status="PAUSED"),
        _template("yeni_kampanya", "MARKETING", "Yaz indirimi, {{1}}.", status="PENDING"),
    ]
    for template in made:
        template["id"] = str(10**14 + number(seed, company_id, "template", template["name"]) % 10**14)
    return made


def refusal(templates: list[dict[str, Any]], content: dict[str, Any]) -> int | None:
    """The code that a template message is refused with; None when the template is filled."""
    language = content.get("language", {}).get("code")
    template = next((t for t in templates if t["name"] == content.get("name") and t["language"] == language), None)
    if template is None or template["status"] in ("PENDING", "REJECTED"):
        return 132001
    if template["status"] in _STATUS_CODES:
        return _STATUS_CODES[template["status"]]
    given = content.get("components", [])
    body = [p for part in given if _type(part) == "BODY" for p in part.get("parameters", [])]
    header = [p for part in given if _type(part) == "HEADER" for p in part.get("parameters", [])]
    wanted = parameters(template)
    if len(body) != len(wanted):
        return 132000
    names = [p.get("parameter_name") for p in body]
    if (not wanted or wanted[0].isdecimal()) != (names == [None] * len(body)):
        return 132012
    format_ = next((part.get("format", "").lower() for part in template["components"] if _type(part) == "HEADER"), None)
    if [p.get("type") for p in header] != ([] if format_ is None else [format_]):
        return 132012
    places = {str(part.get("index")) for part in given if _type(part) == "BUTTON"}
    open_places = {str(i) for i, button in enumerate(_buttons(template)) if _PARAMETER.search(button.get("url", ""))}
    return None if open_places <= places else 132000


def parameters(template: dict[str, Any]) -> list[str]:
    """What the template's body must be filled with."""
    text = next((part["text"] for part in template["components"] if _type(part) == "BODY"), "")
    return list(dict.fromkeys(_PARAMETER.findall(text)))


def category(templates: list[dict[str, Any]], name: str) -> str:
    """What a template is priced as, in small letters."""
    return next((template["category"].lower() for template in templates if template["name"] == name), "utility")


def _template(
    name: str,
    category_: str,
    body: str,
    *,
    status: str = "APPROVED",
    header: dict[str, Any] | None = None,
    buttons: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    components: list[dict[str, Any]] = [] if header is None else [header]
    components.append({"type": "BODY", "text": body, **_example(body)})
    if buttons:
        components.append({"type": "BUTTONS", "buttons": buttons})
    named = not all(found.isdecimal() for found in _PARAMETER.findall(body))
    return {
        "name": name,
        "parameter_format": "NAMED" if named else "POSITIONAL",
        "components": components,
        "language": "tr",
        "status": status,
        "category": category_,
    }


def _example(body: str) -> dict[str, Any]:
    """What Meta demands beside every text with parameters, and tells again."""
    names = list(dict.fromkeys(_PARAMETER.findall(body)))
    if not names:
        return {}
    if names[0].isdecimal():
        return {"example": {"body_text": [["örnek"] * len(names)]}}
    named = [{"param_name": name, "example": "örnek"} for name in names]
    return {"example": {"body_text_named_params": named}}


def _type(component: dict[str, Any]) -> str:
    return str(component.get("type", "")).upper()


def _buttons(template: dict[str, Any]) -> list[dict[str, Any]]:
    return [button for part in template["components"] if _type(part) == "BUTTONS" for button in part["buttons"]]
