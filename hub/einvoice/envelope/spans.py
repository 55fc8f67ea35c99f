"""Where documents begin and end in bytes.

A signature holds over the document by itself. Inside of an envelope it cannot be checked (its reference "" means the
whole envelope), and a tree that is written out again carries the envelope's prefixes along: so documents go in and come
out as bytes, and a parser only says where they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from hub.errors import HubError

_SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
_PACKAGE = "http://www.efatura.gov.tr/package-namespace"
_LIST = (f"{_SBDH} StandardBusinessDocument", f"{_PACKAGE} Package", "Elements", "ElementList")
_UTF8 = (None, "utf-8", "us-ascii", "ascii")


@dataclass(frozen=True)
class Span:
    """A document's place in an envelope."""

    name: str
    """Of its root element, without the namespace."""
    start: int
    end: int
    group: int
    """Which of the envelope's groups it stands in, from 0."""
    inherited: dict[str, str] = field(default_factory=dict[str, str])
    """Prefixes that are declared around it."""


def root_span(document: bytes) -> Span:
    """The root element of a document.

    Raises HubError `envelope_not_utf8`, and `envelope_instruction` for a document with a processing instruction outside
    its root: signatures cover it, and it has no place in an envelope. `xml_malformed` if it is none at all.
    """
    walk = _Walk(document, depth=0)
    walk.run()
    if walk.instructions:
        raise HubError("envelope_instruction")
    return walk.spans[0]


def document_spans(envelope: bytes) -> list[Span]:
    """Every document of an envelope, in order. Raises HubError `envelope_not_utf8`, `xml_malformed`."""
    walk = _Walk(envelope, depth=len(_LIST))
    walk.run()
    return walk.spans


class _Walk:
    """One pass of expat over a document whose elements at `depth`, under the list's path, are wanted."""

    def __init__(self, content: bytes, *, depth: int) -> None:
        self.spans: list[Span] = []
        self.instructions = 0
        self._content = content
        self._depth = depth
        self._path: list[str] = []
        self._declared: list[tuple[int, str, str]] = []
        self._open: tuple[str, int] | None = None
        self._group = -1
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartNamespaceDeclHandler = self._declare
        self._parser.ProcessingInstructionHandler = self._instruct
        self._parser.XmlDeclHandler = _require_utf8
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def run(self) -> None:
        line = 0
        try:
            self._parser.Parse(self._content, True)
        except expat.ExpatError as error:
            # Dropped before anyone raises.
            line = error.lineno
        if line:
            raise HubError("xml_malformed", line=line)

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if tuple(self._path) == _LIST[:2] and name == _LIST[2]:
            self._group += 1
        if len(self._path) == self._depth and tuple(self._path) == _LIST[: self._depth]:
            self._open = (name, self._parser.CurrentByteIndex)
        self._path.append(name)

    def _end(self, _name: str) -> None:
        self._path.pop()
        if self._open is not None and len(self._path) == self._depth:
            name, start = self._open
            here = self._parser.CurrentByteIndex
            # expat points to the end tag, which holds no `>` but its last one; or behind an element that is empty.
            tagged = self._content.startswith(b"</", here)
            end = self._content.index(b">", here) + 1 if tagged else here
            inherited = {prefix: uri for depth, prefix, uri in self._declared if depth < self._depth}
            self.spans.append(Span(name.rpartition(" ")[2], start, end, self._group, inherited))
            self._open = None
        self._declared = [each for each in self._declared if each[0] < len(self._path)]

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        if prefix and uri:
            self._declared.append((len(self._path), prefix, uri))

    def _instruct(self, _target: str, _data: str) -> None:
        if not self._path:
            self.instructions += 1


def _require_utf8(_version: str, encoding: str | None, _standalone: int) -> None:
    if (encoding.lower() if encoding else None) not in _UTF8:
        raise HubError("envelope_not_utf8")


def _refuse_doctype(*_parts: object) -> None:
    raise HubError("xml_with_doctype")
