"""Reads a YAML file into plain values while remembering on which line each key stands.

PyYAML's loader forgets positions and silently lets a repeated key win; a policy that declares a column twice must be
refused, with its line. So the file is composed into nodes and walked here. Merge keys (`<<`) are followed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Trail = tuple[str | int, ...]
"""Keys and positions from the top of the document to a value."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML has it: every process reads the policies, and Python alone takes ten times as long."""
_MERGE_TAG = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class Repeated:
    """A key written twice in one mapping."""

    trail: Trail
    line: int


@dataclass
class Document:
    """A file's values (`data`), the line of each trail, and repeated keys. Lines count from 1."""

    file: Path
    data: Any = None
    lines: dict[Trail, int] = field(default_factory=dict[Trail, int])
    repeated: list[Repeated] = field(default_factory=list[Repeated])

    def line(self, trail: Trail) -> int:
        """The line of a trail, or of the nearest thing that contains it."""
        while trail and trail not in self.lines:
            trail = trail[:-1]
        return self.lines.get(trail, 1)


class UnreadableYaml(Exception):
    """The file is no YAML at all; `line` is where the parser stopped."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}")


def read_document(file: Path) -> Document:
    """Read one YAML file. Raises `UnreadableYaml`."""
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise UnreadableYaml(error.problem_mark.line + 1 if error.problem_mark else 1) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise UnreadableYaml(1) from None
    document = Document(file)
    if root is not None:
        document.data = _value(root, (), document)
    return document


def _value(node: yaml.Node, trail: Trail, document: Document) -> Any:
    document.lines.setdefault(trail, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, trail, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*trail, index), document) for index, item in enumerate(node.value)]
    return yaml.constructor.SafeConstructor().construct_object(node)


def _mapping(node: yaml.MappingNode, trail: Trail, document: Document) -> dict[str, Any]:
    own: dict[str, Any] = {}
    merged: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if key_node.tag == _MERGE_TAG:
            for source in value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]:
                # A merged value is reported at the line of the mapping that merges it, where the author looks.
                inherited = _value(source, (*trail, "<<"), Document(document.file))
                merged = {**inherited, **merged} if isinstance(inherited, dict) else merged
            continue
        key = str(key_node.value)
        here = (*trail, key)
        line = key_node.start_mark.line + 1
        if key in own:
            document.repeated.append(Repeated(here, line))
        document.lines[here] = line
        own[key] = _value(value_node, here, document)
    return {**merged, **own}
