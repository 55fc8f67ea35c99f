"""The few HTML pages of the hub's own: plain forms with nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape

from hub.i18n import language_in_use

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:22rem;margin:12vh auto;padding:0 1rem}"
    "label{display:block;margin:.8rem 0 .2rem}input{width:100%;box-sizing:border-box;font:inherit;padding:.5rem}"
    "button{margin-top:1.2rem;font:inherit;padding:.5rem 1.2rem}[role=alert]{color:#b00020}"
)


def page(title: str, body: str) -> str:
    """A whole document. `title` is text, `body` HTML."""
    return (
        f'<!doctype html>\n<html lang="{language_in_use()}">\n<head><meta charset="utf-8">'
        f'<title>Köprü: {escape(title)}</title><meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style></head>\n<body>{body}</body></html>\n"
    )


def field(name: str, label: str, kind: str, value: str, completion: str, *, required: bool = True) -> str:
    """An input with its label."""
    return (
        f'<label for="{name}">{escape(label)}</label><input id="{name}" name="{name}" type="{kind}"'
        f' value="{escape(value)}" autocomplete="{completion}" maxlength="1000"{" required" if required else ""}>'
    )
