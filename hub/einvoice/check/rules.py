"""GİB's rules as files, pinned: which they are, from when, and that they are still those.

The package `efatura-kontrol` carries them. It is young, and a release of it may bring other rules under the same
version of ours, so what was looked at is written down here; other files are refused until somebody has looked again.
"""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache
from pathlib import Path

from hub.einvoice.names import Kind
from hub.errors import HubError

RULES_DATE = date(2026, 7, 1)
"""GİB's e-Fatura Paketi 29, its schematron as revised on that day; UBL-TR 1.2.1."""

_STYLESHEET = ("sematron/efatura.xsl", "63c1789399730584edcd846fcd7f0146e4cd3c3e54e197b6f91260c63924f1d2")
_SCHEMAS = ("xsd", "1c6a0c273abb874370443321c3ccdd951b7ee63e205046b2dcb4f48a920036f3")
_SCHEMA_OF: dict[Kind, str] = {
    "invoice": "maindoc/UBL-Invoice-2.1.xsd",
    "archive-invoice": "maindoc/UBL-Invoice-2.1.xsd",
    "despatch-advice": "maindoc/UBL-DespatchAdvice-2.1.xsd",
    "receipt-advice": "maindoc/UBL-ReceiptAdvice-2.1.xsd",
    "application-response": "maindoc/UBL-ApplicationResponse-2.1.xsd",
    "envelope": "zarf/PackageProxy_1_2.xsd",
}


def stylesheet() -> bytes:
    """The schematron, compiled to XSLT by the package's maker. HubError `einvoice_rules_changed`, `_missing`."""
    name, expected = _STYLESHEET
    content = _read(_folder() / name)
    _require(hashlib.sha256(content).hexdigest(), expected, name)
    return content


def schema_file(kind: Kind) -> Path:
    """The XSD of a kind of document, which includes others. HubError `einvoice_rules_changed`, `_missing`."""
    return _schemas() / _SCHEMA_OF[kind]


@cache
def _schemas() -> Path:
    name, expected = _SCHEMAS
    folder = _folder() / name
    together = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(_read(file)).digest()
        together.update(file.relative_to(folder).as_posix().encode() + b"\0" + content)
    _require(together.hexdigest(), expected, name)
    return folder


def _folder() -> Path:
    try:
        import efatura_kontrol
    except ImportError:
        raise HubError("einvoice_rules_missing", file="efatura-kontrol") from None
    return Path(efatura_kontrol.__file__).parent / "ekler"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise HubError("einvoice_rules_missing", file=file.name) from None


def _require(found: str, expected: str, name: str) -> None:
    if found != expected:
        raise HubError("einvoice_rules_changed", file=name, date=RULES_DATE.isoformat())
