"""How secrets and personal data come in: prompt without echo, standard input or a file.

Never as an argument, where the shell's history and every process list would show them.
"""

from __future__ import annotations

import getpass
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import typer

from connectors.secret import Secret
from hub.errors import HubError

STANDARD_INPUT = Path("-")


def hidden_value(prompt: str) -> Secret:
    """One value: typed without echo on a terminal, else one line of standard input. HubError `input_empty`."""
    value = optional_hidden_value(prompt)
    if not value:
        raise HubError("input_empty", field=prompt)
    return value


def optional_hidden_value(prompt: str) -> Secret:
    """The same, where nothing is an answer too."""
    if sys.stdin.isatty():
        return Secret(getpass.getpass(f"{prompt}: ", stream=sys.stderr).strip())
    return Secret(sys.stdin.readline().strip())


def shown_value(prompt: str) -> str:
    """One value that is no secret, typed on the terminal."""
    typer.echo(f"{prompt}: ", nl=False, err=True)
    return sys.stdin.readline().strip()


def document(path: Path, *, exact: bool = False) -> dict[str, Any]:
    """A JSON object from a file, or from standard input for `-`. HubError `file_unreadable` or `file_not_json`.

    `exact` reads numbers with a fraction as Decimal, digit for digit: a float is not what was written.
    """
    try:
        text = sys.stdin.read() if path == STANDARD_INPUT else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise HubError("file_unreadable", path=str(path)) from None
    try:
        content: object = json.loads(text, parse_float=Decimal if exact else None)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise HubError("file_not_json", path=str(path))
    return cast("dict[str, Any]", content)
