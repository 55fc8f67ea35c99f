"""Answers as WCF writes them: the result with its flag, its message and, where there is one, its value."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from connectors.sandbox.uyumsoft.requests import NAMESPACE

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XML = {"content-type": "text/xml; charset=utf-8"}


def attributes(**values: str | int | bool) -> str:
    """Attributes, booleans as XML Schema has them."""
    return "".join(f" {name}={quoteattr(_text(value))}" for name, value in values.items())


def good(operation: str, content: str = "", **values: str | int | bool) -> bytes:
    """A result that succeeded."""
    return _answer(operation, f"{attributes(IsSucceded=True)}{attributes(**values)}", content)


def refused(operation: str, message: str, **values: str | int | bool) -> bytes:
    """A result that did not, with why in words. Attributes that the schema demands come with it all the same."""
    return _answer(operation, f"{attributes(IsSucceded=False, Message=message)}{attributes(**values)}", "")


def fault(code: str, text: str) -> bytes:
    """A SOAP fault."""
    body = f"<s:Fault><faultcode>{code}</faultcode><faultstring xml:lang={quoteattr('tr-TR')}>"
    return _envelope(f"{body}{_escaped(text)}</faultstring></s:Fault>")


def _answer(operation: str, flags: str, content: str) -> bytes:
    inner = f"<{operation}Result{flags}>{content}</{operation}Result>"
    return _envelope(f'<{operation}Response xmlns="{NAMESPACE}">{inner}</{operation}Response>')


def _envelope(body: str) -> bytes:
    return f'<s:Envelope xmlns:s="{_SOAP}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _escaped(text: str) -> str:
    return quoteattr(text)[1:-1]
