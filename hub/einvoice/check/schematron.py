"""GİB's schematron, run by Saxon: compiled once in a process, kept warm, one document at a time.

Saxon holds Python's lock while it works, so threads gain nothing: more speed is more processes, each with its own.
"""

from __future__ import annotations

import locale
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from threading import Lock
from typing import Any

from hub.einvoice.check import rules
from hub.einvoice.check.faster import TODAY, faster
from hub.einvoice.names import Kind
from hub.einvoice.xml import Element, etree

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_STEP = re.compile(r"/(?:Q\{([^}]*)\})?([^/\[\]@{}]+)\[(\d+)\]")
_ATTRIBUTE = re.compile(r"/@(?:Q\{[^}]*\})?(\w+)\Z")


@dataclass(frozen=True)
class Failure:
    """A rule that a document breaks: GİB's name for it, the place, and GİB's words, which may quote the document."""

    rule: str
    element: Element | None
    attribute: str | None
    words: str


class Schematron:
    """The compiled rules. Starting takes about a second and 250 MB."""

    def __init__(self) -> None:
        library: Any = import_module("saxonche")  # publishes no types
        with _locale_kept():
            self._saxon = library.PySaxonProcessor(license=False)
        compiler = self._saxon.new_xslt30_processor()
        self._rules: Any = compiler.compile_stylesheet(stylesheet_text=faster(rules.stylesheet()))
        self._lock = Lock()
        self._set: dict[str, str] = {}

    def failures(self, root: Element, document: bytes, *, kind: Kind, today: date) -> Iterator[Failure]:
        """What the document breaks. `root` is the same document, parsed, from which elements are given."""
        answer = self._run(_text(root, document), kind=kind, today=today)
        if "<svrl:failed-assert" not in answer and "<svrl:error" not in answer:
            return
        report = etree.fromstring(answer.encode())
        for failed in report.iter(f"{_SVRL}failed-assert"):
            element, attribute = _found(root, failed.get("location") or "")
            yield Failure(failed.get("id"), element, attribute, _words(failed))
        for _error in report.iter(f"{_SVRL}error"):
            # A rule could not be evaluated on such a value: the rest was not looked at.
            yield Failure("evaluation", None, None, "")

    def _run(self, text: str, *, kind: Kind, today: date) -> str:
        settings = {"type": "earchive" if kind == "archive-invoice" else "efatura", TODAY: today.isoformat()}
        with self._lock:
            for name, value in settings.items():
                if self._set.get(name) != value:
                    self._rules.set_parameter(name, self._saxon.make_string_value(value))
                    self._set[name] = value
            tree = self._saxon.parse_xml(xml_text=text)
            return str(self._rules.transform_to_string(xdm_node=tree))


@contextmanager
def _locale_kept() -> Generator[None]:
    """Saxon's virtual machine sets the process's locale from the environment when it starts.

    That would change what Python takes for the encoding of files, and the decimal point of every library in C.
    """
    before = locale.setlocale(locale.LC_ALL)
    try:
        yield
    finally:
        locale.setlocale(locale.LC_ALL, before)


@cache
def schematron() -> Schematron:
    """The rules that this process keeps warm."""
    return Schematron()


def _text(root: Element, document: bytes) -> str:
    """The document as text. Of an odd encoding it is written anew: Saxon reads none of the names Python has for it."""
    encoding = (root.getroottree().docinfo.encoding or "UTF-8").upper()
    if encoding not in {"UTF-8", "ASCII", "US-ASCII"}:
        return str(etree.tostring(root.getroottree(), encoding="unicode"))
    return document.decode("utf-8-sig")


def _found(root: Element, path: str) -> tuple[Element | None, str | None]:
    """The element that Saxon's `path()` leads to, and the attribute of it where the path ends in one."""
    attribute = _ATTRIBUTE.search(path)
    steps = list(_STEP.finditer(path))
    element: Any = root if steps else None
    for step in steps[1:]:
        name = f"{{{step[1]}}}{step[2]}" if step[1] else step[2]
        brothers = element.findall(name)
        if len(brothers) < int(step[3]):
            return None, None
        element = brothers[int(step[3]) - 1]
    return element, attribute[1] if attribute else None


def _words(failed: Element) -> str:
    text = failed.find(f"{_SVRL}text")
    return " ".join("".join(text.itertext()).split()) if text is not None else ""
