"""Reading amounts out of a document that somebody else may have made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from hub.einvoice import names
from hub.einvoice.finding import Finding
from hub.einvoice.names import path_of
from hub.einvoice.xml import Element

CAC, CBC = f"{{{names.CAC}}}", f"{{{names.CBC}}}"
Children: TypeAlias = dict[str, Element]
"""What stands directly in an element, by tag. Looking each up by a path costs several times as much."""
TOLERANCE = Decimal("0.01")
"""What receivers let pass: rounding a line at a time or all at once may differ by a kuruş."""
_KURUS = Decimal("0.01")
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})")


@dataclass(frozen=True)
class Read:
    """A number and the element it stands in."""

    element: Element
    value: Decimal


class Document:
    """An invoice under examination: finds its numbers and says what is wrong with them."""

    def __init__(self, root: Element) -> None:
        self.root = root

    def differs(self, code: str, read: Read | None, accepted: Iterable[Decimal]) -> Iterator[Finding]:
        """A finding when a number is none of those that would be right. The first of these is shown."""
        if read is None:
            return
        rounded = [to_kurus(value) for value in accepted]
        if rounded and all(abs(value - read.value) > TOLERANCE for value in rounded):
            yield self.finding(code, read.element, expected=f"{rounded[0]:f}", actual=f"{read.value:f}")

    def finding(self, code: str, element: Element, **params: str) -> Finding:
        """An error at an element."""
        return Finding(code, path_of(element), "error", params)


def children_of(parent: Element) -> Children:
    """The children of an element by their tags; the first of those that have the same."""
    found: Children = {}
    for child in parent:
        found.setdefault(child.tag, child)
    return found


def number(children: Children, tag: str) -> Read | None:
    """The number of the child with a tag, None where there is none to read."""
    element = children.get(tag)
    value = None if element is None else decimal_in(element)
    return None if value is None else Read(element, value)


def text(children: Children, tag: str) -> str:
    """The text of the child with a tag, empty where there is none."""
    element = children.get(tag)
    return "" if element is None else (element.text or "").strip()


def decimal_in(element: Element) -> Decimal | None:
    """The number that is an element's text; None when it is no plain decimal number."""
    text = (element.text or "").strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def to_kurus(value: Decimal) -> Decimal:
    """Half up, two decimals."""
    return value.quantize(_KURUS, rounding=ROUND_HALF_UP)
