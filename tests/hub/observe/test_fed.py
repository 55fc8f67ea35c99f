"""Every series that is promised is on the page, and what a process counts is counted where somebody can see it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from hub.observe import counters
from hub.observe.counters import Counters
from tests.hub.observe.test_deploy import shown

__all__ = ["shown"]

ROOT = Path(__file__).parents[3]
IN_THE_API = ("hub/api/", "hub/inbox/receive.py", "hub/inbox/receiver.py", "hub/observe/asgi.py")
"""Code that runs in the API's workers, which alone are given a directory in which they count together."""


def test_the_documentation_names_every_series_of_the_page_and_no_other(shown: set[str]) -> None:
    told = set(re.findall(r"`(kopru_[a-z_]+)`", (ROOT / "docs" / "observability.md").read_text()))

    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown} == told


def uses(tree: ast.AST, owner: str) -> Iterator[str]:
    """Names that are taken from something called `owner`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner:
            yield node.attr


def test_every_counter_is_counted_by_the_product_and_in_a_process_that_shows_it() -> None:
    called: set[str] = set()
    for path in (ROOT / "hub").rglob("*.py"):
        place = str(path.relative_to(ROOT))
        if place.startswith(IN_THE_API):
            called |= set(uses(ast.parse(path.read_text()), "counters"))
    fed: set[str] = set()
    for function in ast.parse(Path(counters.__file__).read_text()).body:
        if isinstance(function, ast.FunctionDef) and function.name in called:
            fed |= {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}

    counted = {field.name for field in fields(Counters)} - {"registry"}
    assert counted - fed == set()
