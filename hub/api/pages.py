"""The few HTML pages of the hub's own: plain forms that work without scripts, with nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from hub.i18n import language_in_use

if TYPE_CHECKING:
    from starlette.responses import Response

_STYLE = (
    ":root{color-scheme:light dark;--ink:#1b1f24;--quiet:#57606a;--ground:#fff;--line:#8c959f;--act:#0b5cad;"
    "--on-act:#fff;--bad:#b00020}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--quiet:#9ea7b3;--ground:#0d1117;--line:#6e7681;"
    "--act:#79b8ff;--on-act:#0d1117;--bad:#ff8a80}}"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);max-width:26rem;"
    "margin:10vh auto;padding:0 1rem}"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}.brand{color:var(--quiet);margin:0}"
    ".hint{color:var(--quiet);font-size:.9rem;margin:.2rem 0 0}"
    "label{display:block;margin:1rem 0 .25rem;font-weight:600}"
    "input{width:100%;box-sizing:border-box;font:inherit;color:inherit;background:transparent;padding:.55rem;"
    "border:1px solid var(--line);border-radius:6px}"
    "button{margin-top:1.4rem;font:inherit;font-weight:600;padding:.55rem 1.2rem;color:var(--on-act);"
    "background:var(--act);border:1px solid var(--act);border-radius:6px;cursor:pointer}"
    "button.quiet{color:var(--act);background:transparent}a{color:var(--act)}"
    ":focus-visible{outline:3px solid var(--act);outline-offset:2px}"
    "[role=alert]:not(:empty){color:var(--bad);border-left:4px solid;padding-left:.7rem}"
    "dl{display:grid;grid-template-columns:auto 1fr;gap:.3rem 1rem;margin:1rem 0}dt{color:var(--quiet)}dd{margin:0;"
    "overflow-wrap:anywhere}li{margin:.3rem 0}"
    "svg{display:block;width:14rem;height:14rem;margin:1rem 0;background:#fff;border-radius:6px}"
    "code{font:1rem/1.6 ui-monospace,monospace;overflow-wrap:anywhere}.codes{columns:1;padding-left:1.6rem}"
)
_STYLE_NAMED = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_NAMED}'; frame-ancestors 'none'; base-uri 'none'"
_REFERRER = "same-origin"
"""Under `no-referrer` browsers send a form with `Origin: null`, which is refused as another site's."""
FORMS_ONLY = f"{_POLICY}; form-action 'self'"
"""For pages whose forms the browser sends by itself. One style by its digest, and not any that stands in a page."""
SCRIPT_ONLY = f"{_POLICY}; script-src 'self'; connect-src 'self'; form-action 'none'"
"""For a page whose words a script of ours sends, and the browser in no case."""


def shown(title: str, body: str, *, status: int = 200, policy: str = FORMS_ONLY) -> Response:
    """A page as an answer. `title` is text and the page's heading, `body` HTML."""
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": _REFERRER}
    return HTMLResponse(page(title, body), status_code=status, headers=headers)


def page(title: str, body: str) -> str:
    """A whole document."""
    heading = escape(title)
    return (
        f'<!doctype html>\n<html lang="{language_in_use()}">\n<head><meta charset="utf-8">'
        f'<title>Köprü: {heading}</title><meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style></head>\n"
        f'<body><main><p class="brand">Köprü</p><h1>{heading}</h1>{body}</main></body></html>\n'
    )


def alert(text: str) -> str:
    """What went wrong; also read aloud."""
    return f'<p role="alert">{escape(text)}</p>'


def field(
    name: str, label: str, kind: str, value: str, completion: str, *, required: bool = True, more: str = ""
) -> str:
    """An input with its label. `more` is HTML of further attributes."""
    return (
        f'<label for="{name}">{escape(label)}</label><input id="{name}" name="{name}" type="{kind}"'
        f' value="{escape(value)}" autocomplete="{completion}" maxlength="1000"{" required" if required else ""}{more}>'
    )


def hint(name: str, text: str) -> str:
    """What to know of a field; `name` stands in the field's `aria-describedby`."""
    return f'<p class="hint" id="{name}">{escape(text)}</p>'


def link(address: str, text: str) -> str:
    """A way on to another of our own pages."""
    return f'<p><a href="{address}">{escape(text)}</a></p>'


def form(action: str, inside: str, button: str, *, quiet: bool = False) -> str:
    """A form that is sent to one of our own addresses. `inside` is HTML."""
    kind = ' class="quiet"' if quiet else ""
    return f'<form method="post" action="{action}">{inside}<button{kind}>{escape(button)}</button></form>'
