"""The report service: signs in, checks rights, and answers in the shape of operation and binding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from starlette.responses import Response

from connectors.sandbox.arvento import render
from connectors.sandbox.arvento.credentials import company_of_user, pins_right
from connectors.sandbox.arvento.operations import BadRequest, Call, Operation, operation_named
from connectors.sandbox.arvento.requests import Invocation, invocation
from connectors.sandbox.arvento.wsdl import wsdl
from connectors.sandbox.provider import Asked

if TYPE_CHECKING:
    from starlette.requests import Request

    from connectors.sandbox.arvento.desk import Desk
    from connectors.sandbox.world import World

ACCESS_DENIED = "Access denied"
NOT_AUTHORIZED = "You are not authorized to use this service"
NOT_AUTHORIZED_TR = "Bu servisi kullanma yetkiniz yoktur."
_STRAY = b"\r\n\xef\xbb\xbf"
"""Some answers of the form bindings begin with such bytes."""


async def answer(desk: Desk, request: Request) -> Response:
    """One request to the report service."""
    if request.method == "GET" and "wsdl" in request.url.query.lower():
        return Response(wsdl(str(request.url).partition("?")[0]), media_type="text/xml; charset=utf-8")
    headers = {name.lower(): value for name, value in request.headers.items()}
    asked = Asked(request.url.path, request.url.query, headers, await request.body())
    called = invocation(asked, method=request.method)
    if called is None:
        return _fault("1.1", client=True, text="Server was unable to read request.")
    found = operation_named(called.operation)
    if found is None:
        return _refused(called, f"Server did not recognize the operation {called.operation[:60]}.")
    operation, twin = found
    missing = [name for name in operation.parameters if name not in called.parameters]
    if missing and not called.soap:
        return Response(f"Missing parameter: {missing[0]}.\r\n", status_code=500, media_type="text/plain")
    return _called(desk, called, operation, twin=twin)


def _called(desk: Desk, called: Invocation, operation: Operation, *, twin: bool) -> Response:
    company_id = signed_in(desk.world, called)
    if company_id is None:
        return said(called, operation, ACCESS_DENIED)
    call = Call(company_id, called.parameters)
    if ("arvento", company_id, operation.name) in desk.world.withheld:
        return said(called, operation, NOT_AUTHORIZED_TR if call.turkish else NOT_AUTHORIZED)
    try:
        result = operation.answer(desk, call)
    except BadRequest as error:
        return _answer(called, f"<Error>Geçersiz parametre: {error.args[0]}</Error>")
    return _result(called, operation, call, result, twin=twin)


def signed_in(world: World, called: Invocation) -> str | None:
    """The company whose user and codes a call carries; None when they are wrong."""
    company_id = company_of_user(world.seed, called.parameters.get("Username", ""))
    if company_id is None:
        return None
    pins = called.parameters.get("PIN1", ""), called.parameters.get("PIN2", "")
    return company_id if pins_right(world.seed, company_id, *pins) else None


def said(called: Invocation, operation: Operation | None, text: str) -> Response:
    """A refusal: text in the place of the result, for packets in the one packet's first field."""
    if operation is not None and operation.shape in ("packets", "packet"):
        fields = {"strNode": text, "dLatitude": 0, "dLongitude": 0, "dSpeed": 0}
        inner = render.packet(fields)
        return _answer(called, inner if operation.shape == "packet" else f"<LastPacket>{inner}</LastPacket>")
    return _answer(called, escape(text))


def _result(called: Invocation, operation: Operation, call: Call, result: Any, *, twin: bool) -> Response:
    match operation.shape:
        case "dataset":
            write = render.typed_rows if twin else render.dataset
            return _answer(called, write(result, turkish=call.turkish))
        case "packets":
            return _answer(called, "".join(f"<LastPacket>{render.packet(fields)}</LastPacket>" for fields in result))
        case "packet":
            return _answer(called, render.packet(result[0]) if result else "")
        case "text":
            return _answer(called, "" if result is None else escape(result))
        case "json":
            text = render.jsonp(result, called.parameters.get("callBack", "")).encode()
            # Over SOAP the text is written first and the envelope after it: neither JSON nor XML.
            after = render.envelope(called.binding, render.response(called.operation, "")) if called.soap else b""
            return Response(text + after, media_type="text/xml; charset=utf-8" if called.soap else "text/plain")


def _answer(called: Invocation, result: str) -> Response:
    if called.soap:
        content = render.envelope(called.binding, render.response(called.operation, result))
        kind = "text/xml" if called.binding == "1.1" else "application/soap+xml"
        return Response(content, media_type=f"{kind}; charset=utf-8")
    found = operation_named(called.operation)
    root = _ROOTS[found[0].shape] if found is not None else "string"
    body = f'{render.DECLARATION}<{root} xmlns="{render.NAMESPACE}">{result}</{root}>'.encode()
    return Response((_STRAY if called.binding == "post" else b"") + body, media_type="text/xml; charset=utf-8")


_ROOTS = {
    "dataset": "DataSet",
    "packets": "ArrayOfLastPacket",
    "packet": "LastPacket",
    "text": "string",
    "json": "string",
}


def _refused(called: Invocation, text: str) -> Response:
    if called.soap:
        return _fault(called.binding, client=True, text=text)
    return Response(text, status_code=500, media_type="text/plain")


def _fault(version: str, *, client: bool, text: str) -> Response:
    return Response(
        render.fault(version, client=client, text=text), status_code=500, media_type="text/xml; charset=utf-8"
    )
