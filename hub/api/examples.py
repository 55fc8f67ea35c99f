"""An example of every body in the API's description, put together from those of its fields.

So a field's example is written once, beside the field, and a body that is shown as a page's "try it out" is one that is
taken. Where fields exclude each other, the model has an example of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema = dict[str, Any]


class NoExampleError(Exception):
    """A part that must be given has none."""


def add(document: dict[str, Any]) -> None:
    """Give every body its `example`; one that lacks a needed part is left without, which a test finds."""
    for _operation, media in bodies(document):
        try:
            media["example"] = _example(media["schema"], document)
        except NoExampleError:
            continue


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each operation that takes a body ("POST /api/v1/users"), with the media type's part of the document."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                yield f"{method.upper()} {path}", media


def _example(schema: Schema, document: dict[str, Any]) -> Any:
    """NoExampleError for a value that could be anything."""
    values = schema.get("examples") or schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if values:
        return values[0]
    if "$ref" in schema:
        return _example(_referred(schema["$ref"], document), document)
    choices = cast("list[Schema]", schema.get("anyOf") or schema.get("oneOf") or [])
    for choice in choices:
        if choice.get("type") != "null":
            return _example(choice, document)
    if schema.get("type") == "array":
        return [_example(schema["items"], document)]
    if schema.get("type") == "object" and "properties" in schema:
        return _object(schema, document)
    raise NoExampleError


def _object(schema: Schema, document: dict[str, Any]) -> dict[str, Any]:
    """What must be given, and of the rest what somebody wrote an example for."""
    required: list[str] = schema.get("required", [])
    return {
        name: _example(part, document)
        for name, part in schema["properties"].items()
        if name in required or part.get("examples")
    }


def _referred(reference: str, document: dict[str, Any]) -> Schema:
    found: Any = document
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found
