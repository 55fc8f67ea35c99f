"""The OpenAPI description and the page that shows it, both served by ourselves: nothing is loaded from elsewhere."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from starlette.responses import HTMLResponse, JSONResponse, Response

from hub.api import examples, headers
from hub.api.problems import MEDIA_TYPE, ProblemDocument, WrongField
from hub.api.tags import TAGS
from hub.errors import HubError
from hub.i18n import N_, _, language_in_use
from hub.identity.permissions import Permission

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

PATH = "/api/openapi.json"
PAGE = "/api/docs"
_ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon-32x32.png": "image/png"}
_INTRODUCTION = N_("""Köprü's API. Sign in at `POST /api/v1/auth/token`, or make an API key and send it as
`Authorization: Bearer hub_...`.

Errors are problem documents (RFC 9457) in Turkish or English, as `Accept-Language` asks; their `code` never changes.
Lists are read page by page: `next` of one answer is the `cursor` of the next call. Calls that change something take an
`Idempotency-Key`. A parameter or field that a call does not know is refused. Times are ISO 8601 with their zone,
amounts are decimal text, phone numbers E.164.""")
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_HTML = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Köprü API</title>
<link rel="stylesheet" href="{PAGE}/swagger-ui.css">
<link rel="icon" href="{PAGE}/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{PAGE}/swagger-ui-bundle.js"></script>
<script src="{PAGE}/start.js"></script>
</body>
</html>
"""
_START = (
    f'window.ui = SwaggerUIBundle({{url: "{PATH}", dom_id: "#swagger-ui", deepLinking: true, docExpansion: "none"}});\n'
)
"""Parts are opened by who reads them: all calls at once take a browser many seconds."""


def add(api: FastAPI) -> None:
    """Serve the description at `PATH` and its page at `PAGE`."""
    api.openapi = lambda: description(api)
    api.add_route(PATH, _description, methods=["GET"], include_in_schema=False)
    api.add_route(PAGE, _page, methods=["GET"], include_in_schema=False)
    api.add_route(PAGE + "/{name}", _asset, methods=["GET"], include_in_schema=False)


def description(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document, made once."""
    if api.openapi_schema is None:
        document = get_openapi(title=api.title, version=api.version, description="", routes=api.routes)
        parts = document.setdefault("components", {})
        parts["securitySchemes"] = _schemes()
        schemas = parts.setdefault("schemas", {})
        reference = "#/components/schemas/{model}"
        for model in (WrongField, ProblemDocument):
            schema = model.model_json_schema(ref_template=reference)
            schema.pop("$defs", None)
            schemas[model.__name__] = schema
        headers.add(document)
        _only_problems(document)
        examples.add(document)
        api.openapi_schema = document
    return spoken(api.openapi_schema)


def spoken(document: dict[str, Any]) -> dict[str, Any]:
    """The description with introduction and headings in the reader's language. What calls do is told in English."""
    tags = [{"name": name, "description": _(about)} for name, about in TAGS.items()]
    return {**document, "info": {**document["info"], "description": _(_INTRODUCTION)}, "tags": tags}


def _only_problems(document: dict[str, Any]) -> None:
    """FastAPI adds its own form of a validation error, which the hub never answers."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation.get("responses", {}).items():
                if status.isdigit() and int(status) >= 400:
                    answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


def _schemes() -> dict[str, Any]:
    scopes = {permission.value: permission.value for permission in Permission}
    address = "/api/v1/auth/token"
    return {
        "oauth2": {
            "type": "oauth2",
            "flows": {
                "password": {"tokenUrl": address, "refreshUrl": address, "scopes": scopes},
                "clientCredentials": {"tokenUrl": address, "scopes": scopes},
            },
        },
        "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }


async def _description(request: Request) -> Response:
    return JSONResponse(
        description(request.app), headers={"Content-Language": language_in_use(), "Vary": "Accept-Language"}
    )


async def _page(_request: Request) -> Response:
    return HTMLResponse(_HTML, headers={"Content-Security-Policy": _PAGE_POLICY})


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    kind = _ASSETS.get(name)
    if kind is None:
        raise HubError("not_found")
    content = (files("fastapi_swagger") / "resources" / name).read_bytes()
    return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=86400"})
