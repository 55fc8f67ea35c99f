"""Finds every code that the source may raise, so that a test can demand a text for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from connectors.failure import FailureCode

ROOT = Path(__file__).parents[2]
PACKAGES = ("hub", "assets", "resources", "sensors", "schedules", "connectors", "kvkk_policies")
POSITION = {"HubError": 0, "PydanticCustomError": 0, "ProviderFailure": 1, "Failed": 1}
"""Where each class takes its code. A `Problem` has it behind the field or behind file and line."""
CODE_ARGUMENTS = {("hub/secrets_file.py", "_refuse_exposed"): 1}
"""Helpers that pass a code on."""


def sources() -> Iterator[Path]:
    """Every Python file of the product."""
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def raised_codes() -> dict[str, str]:
    """Code to the place that raises it, literal ones and the closed list of provider failures."""
    found = dict.fromkeys(get_args(FailureCode), "connectors/failure.py")
    for path in sources():
        name = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text())):
            if name.startswith("kvkk_policies/") and isinstance(node, ast.Constant) and _is_policy_code(node.value):
                found.setdefault(str(node.value), f"{name}:{node.lineno}")
            if isinstance(node, ast.Call):
                for code in _codes(node, name):
                    found.setdefault(code, f"{name}:{node.lineno}")
    return found


def _is_policy_code(value: object) -> bool:
    """The gate's checks yield codes as words of their own; they all begin alike."""
    return isinstance(value, str) and re.fullmatch(r"(policy|override)_[a-z_]+", value) is not None


def _codes(call: ast.Call, file: str) -> Iterator[str]:
    called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    position = POSITION.get(called, CODE_ARGUMENTS.get((file, called)))
    if called == "Problem":
        arguments = call.args[1:]
    elif position is not None:
        arguments = call.args[position : position + 1]
    else:
        return
    arguments += [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    for argument in arguments:
        yield from _literals(argument)


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch("[a-z0-9_]+", node.value):
        yield node.value
