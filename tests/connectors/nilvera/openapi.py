"""Nilvera's own descriptions of its API, as a judge of what the connector sends and what the stand-in answers."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft7Validator

FILES = Path(__file__).parents[4] / "shared" / "providers" / "nilvera"
here = (FILES / "einvoice.openapi.json").exists()


@cache
def _document(name: str) -> dict[str, Any]:
    return json.loads((FILES / f"{name}.openapi.json").read_text())


def problems(method: str, url: str, content_type: str, body: bytes, status: int, answer: bytes) -> list[str]:
    """What of an exchange the description does not allow."""
    parts = urlsplit(url)
    document = _document(parts.path.split("/")[1])
    template, operation = _operation(document, method, parts.path)
    if operation is None:
        return [f"{method} {parts.path} is not described"]
    found = [f"{template}: {each}" for each in _query_problems(document, operation, parts.query)]
    found += [f"{template}: {each}" for each in _body_problems(document, operation, content_type, body)]
    response = operation["responses"].get(str(status))
    if response is None and status not in (401, 429, 500):
        found.append(f"{template}: status {status} is not described")
    for content in list((response or {}).get("content", {}).items())[:1]:
        if status == 200 and content[0] == "application/json":
            found += _schema_problems(document, content[1]["schema"], json.loads(answer), template)
    return found


def _operation(document: dict[str, Any], method: str, path: str) -> tuple[str, dict[str, Any] | None]:
    for template in sorted(document["paths"], key=lambda each: each.count("{")):
        form = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(form, path) and method.lower() in document["paths"][template]:
            return template, document["paths"][template][method.lower()]
    return path, None


def _query_problems(document: dict[str, Any], operation: dict[str, Any], query: str) -> list[str]:
    known = {each["name"]: each["schema"] for each in operation.get("parameters", []) if each["in"] == "query"}
    found: list[str] = []
    for name, value in parse_qsl(query):
        if name not in known:
            found.append(f"parameter {name} is not described")
            continue
        allowed = _resolved(document, known[name]).get("enum")
        if allowed and value not in allowed:
            found.append(f"parameter {name} has no value {value}")
    return found


def _body_problems(document: dict[str, Any], operation: dict[str, Any], content_type: str, body: bytes) -> list[str]:
    described = operation.get("requestBody", {}).get("content", {})
    if not described:
        return ["a body is not described"] if body else []
    kind = content_type.partition(";")[0]
    if kind not in described:
        return [f"content type {kind} is not described"]
    schema = described[kind]["schema"]
    if kind == "multipart/form-data":
        names = set(re.findall(rb'form-data; name="([^"]+)"', body))
        return [] if names == {name.encode() for name in schema["properties"]} else [f"fields are {names}"]
    return _schema_problems(document, schema, json.loads(body), "body")


def _schema_problems(document: dict[str, Any], schema: dict[str, Any], value: Any, place: str) -> list[str]:
    whole = {**_strict(schema), "components": _components(json.dumps(document["components"], sort_keys=True))}
    return [f"{place}: {error.json_path}: {error.validator}" for error in Draft7Validator(whole).iter_errors(value)]


@cache
def _components(text: str) -> Any:
    return _strict(json.loads(text))


def _strict(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable` is a type, and a property nobody described is an error."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _strict(each) for name, each in schema.items()}
    if found.get("nullable") is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    if "properties" in found and found.get("type") == "object":
        found["additionalProperties"] = False
    return found


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") == "array":
        schema = schema["items"]
    if "$ref" in schema:
        return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
