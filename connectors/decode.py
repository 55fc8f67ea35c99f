"""JSON as providers mean it: amounts exact, and an unreadable body that leaves no trace of itself."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn

from connectors.failure import ProviderFailure


def decode_json(content: bytes) -> Any:
    """The document, numbers with a fraction as Decimal. Raises `ProviderFailure` answer_malformed."""
    readable, document = _loads(content)
    if not readable:
        raise ProviderFailure("transient", "answer_malformed")
    return document


def _loads(content: bytes) -> tuple[bool, Any]:
    # The error is dropped before anyone raises: a JSONDecodeError holds the whole document.
    try:
        return True, json.loads(content, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False, None


def _no_constant(_name: str) -> NoReturn:
    raise ValueError
