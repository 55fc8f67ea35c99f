"""Every operation of the served application, and calls of them that are made from its own description alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from fastapi import FastAPI

from hub.api.route import HubRoute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from starlette.routing import BaseRoute

    from hub.api.need import Need

PARAMETER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Operation:
    """One method of one path. `described` is its part of the OpenAPI document."""

    method: str
    path: str
    need: Need
    described: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_safe(self) -> bool:
        return self.method in {"GET", "HEAD"}

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.path)

    def address(self, values: Callable[[str, Mapping[str, Any]], str]) -> str:
        """The path with a value for each of its parameters, told from the name and the schema."""
        schemas = {each["name"]: each.get("schema", {}) for each in self.described.get("parameters", [])}
        return PARAMETER.sub(lambda found: values(found[1], schemas.get(found[1], {})), self.path)


def routes_of(routes: Sequence[BaseRoute]) -> Iterator[BaseRoute]:
    """Every route, those of included routers too."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from routes_of(included.routes)


def operations(api: FastAPI) -> Iterator[Operation]:
    """All that `HubRoute`s serve and that is described, in the order of the routes."""
    described = cast("dict[str, Any]", api.openapi())["paths"]
    for route in routes_of(api.routes):
        if isinstance(route, HubRoute) and route.include_in_schema:
            for method in sorted(route.methods or ()):
                yield Operation(method, route.path, route.need, described[route.path_format][method.lower()])


def nothing_of_that_name(_name: str, schema: Mapping[str, Any]) -> str:
    """A value for a path's parameter that is well formed and names nothing that is there."""
    if "enum" in schema:
        return str(schema["enum"][0])
    return str(uuid4()) if schema.get("format") == "uuid" else "tnobodyhere2"


def body_of(operation: Operation, document: Mapping[str, Any]) -> Any:
    """A body that the description calls valid, of what it gives as examples; None where none is taken."""
    content = operation.described.get("requestBody", {}).get("content", {})
    return _valued(content["application/json"]["schema"], document) if "application/json" in content else None


def _valued(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for several in ("examples", "enum"):
        if several in schema:
            return schema[several][0]
    for known in ("const", "default"):
        if known in schema:
            return schema[known]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _valued(schema[choice][0], document)
    if schema.get("type") == "object":
        wanted = schema.get("required", ())
        return {name: _valued(part, document) for name, part in schema.get("properties", {}).items() if name in wanted}
    if schema.get("type") == "array":
        return [_valued(schema["items"], document)] * max(1, schema.get("minItems", 0))
    plain: dict[str, Any] = {
        "boolean": True,
        "integer": max(1, schema.get("minimum", 1)),
        "number": max(1, schema.get("minimum", 1)),
        "uuid": str(uuid4()),
        "date": "2026-11-01",
        "date-time": "2026-11-01T10:00:00+03:00",
    }
    return plain.get(schema.get("format") or schema.get("type", ""), "x" * max(1, schema.get("minLength", 1)))
