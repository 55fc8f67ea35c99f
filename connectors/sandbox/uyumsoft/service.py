"""The service: signs in, and answers an operation in its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from connectors.sandbox.uyumsoft.operations import OPERATIONS
from connectors.sandbox.uyumsoft.render import fault
from connectors.sandbox.uyumsoft.requests import invocation, signed_in
from connectors.sandbox.uyumsoft.wsdl import wsdl

if TYPE_CHECKING:
    from starlette.requests import Request

    from connectors.sandbox.uyumsoft.desk import Desk

_MEDIA = "text/xml; charset=utf-8"


async def answer(desk: Desk, request: Request) -> Response:
    """One request."""
    if request.method == "GET":
        address = str(request.url).partition("?")[0]
        return Response(wsdl(address), media_type=_MEDIA)
    called = invocation(await request.body())
    if called is None or called.operation not in OPERATIONS:
        return _fault("s:Client", "The message could not be processed.")
    company = signed_in(desk.world.seed, called)
    if company is None:
        return _fault("a:FailedAuthentication", "An error occurred when verifying security for the message.")
    if ("uyumsoft", company, called.operation) in desk.world.withheld:
        text = "Object reference not set to an instance of an object. at AuthorizedServiceMethodAttribute"
        return _fault("a:InternalServiceFault", text)
    return Response(OPERATIONS[called.operation](desk, company, called), media_type=_MEDIA)


def _fault(code: str, text: str) -> Response:
    return Response(fault(code, text), status_code=500, media_type=_MEDIA)
