"""Netgsm's form of the register, byte for byte: what is sent, and how its answers are read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from connectors.failure import ProviderFailure
from connectors.iys.netgsm import NetgsmRegister, open_register, pushed
from connectors.iys.register import Standing
from connectors.iys.wire import permission_fields
from connectors.sandbox.faults import Fault
from connectors.sandbox.iys import tokens
from connectors.sandbox.server import Sandbox
from tests.connectors.iys.permissions import COMPANY, MARCH, ONE, asked, permission
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import opened, spec_at

T = TypeVar("T")
RECORD = {**permission_fields(permission()), "retailerAccessCount": 0}


def answered(document: Any, work: Callable[[NetgsmRegister], Awaitable[T]], status: int = 200) -> tuple[T, Any]:
    async def run() -> tuple[T, Any]:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        async with raw_server(http(status, body)) as server:
            account = {"usercode": "8503030303", "password": "pa:ss"}
            connection = spec_at(server.url, account, iys_brand_code="601234")
            async with opened(open_register, connection) as register:  # type: ignore[arg-type]
                found = await work(register)  # type: ignore[arg-type]
            return found, json.loads(server.requests[0].partition(b"\r\n\r\n")[2])

    return asyncio.run(run())


def test_permissions_travel_with_the_account_and_the_brand() -> None:
    uid, sent = answered(
        {"code": "0", "error": "false", "uid": "59a3ec87"}, lambda register: register.submit([permission()])
    )
    assert uid == "59a3ec87"
    assert sent == {
        "header": {"username": "8503030303", "password": "pa:ss", "brandCode": "601234"},
        "body": {"data": [permission_fields(permission())]},
    }


@pytest.mark.parametrize(
    ("document", "standing"),
    [
        ({"code": "0", "error": "false", "query": RECORD}, Standing("ONAY", "HS_WEB", MARCH)),
        ({"code": 0, "error": False, "query": RECORD}, Standing("ONAY", "HS_WEB", MARCH)),
        ({"code": "50", "error": "true"}, Standing(None)),
        ({"code": 50}, Standing(None)),
    ],
)
def test_a_record_is_read_whatever_type_its_code_has(document: Any, standing: Standing) -> None:
    assert answered(document, lambda register: register.standing(ONE))[0] == standing


@pytest.mark.parametrize(
    ("document", "status", "kind", "code", "provider_code"),
    [
        ({"code": "30"}, 200, "permanent", "credentials_rejected", "30"),
        ({"code": "70", "erroritem": "+905320000001"}, 406, "permanent", "request_refused", "70"),
        ({"code": "Ayşe Yılmaz"}, 200, "permanent", "request_refused", "unrecognised"),
        (b"<html>", 406, "permanent", "request_refused", None),
        ({"hello": 1}, 406, "permanent", "request_refused", None),
    ],
)
def test_a_refusal_is_named_by_its_code(
    document: Any, status: int, kind: str, code: str, provider_code: str | None
) -> None:
    with pytest.raises(ProviderFailure) as caught:
        answered(document, lambda register: register.standing(ONE), status)
    assert (caught.value.kind, caught.value.code, caught.value.provider_code) == (kind, code, provider_code)


@pytest.mark.parametrize(
    "ask", [lambda register: register.changes("IYS", None), lambda register: register.results("1")]
)
def test_what_it_tells_by_webhook_only_cannot_be_asked(ask: Callable[[NetgsmRegister], Awaitable[object]]) -> None:
    with pytest.raises(ProviderFailure, match="not_offered"):
        answered({"code": "0"}, ask)


def test_a_push_is_read_and_what_is_wrong_in_it_left_away() -> None:
    right = {**permission_fields(permission(status="RET")), "resultstatus": "success", "iyscode": 1}
    failed = {**right, "resultstatus": "failure", "errcode": "H155"}
    assert pushed([right, failed, {"recipient": "x"}, "x"]) == [permission(status="RET")]
    assert pushed({"not": "an array"}) == []


def test_the_stand_ins_book_is_the_same_by_either_way(moving_sandbox: Sandbox) -> None:
    account = moving_sandbox.credentials(COMPANY, "netgsm")
    brand = tokens.codes(COMPANY)["brand_code"]

    async def run(**changes: str) -> tuple[Standing, Standing]:
        connection = spec_at(moving_sandbox.url, account | changes, iys_brand_code=brand)
        async with opened(open_register, connection) as register:  # type: ignore[arg-type]
            before = await register.standing(ONE)  # type: ignore[attr-defined]
            await register.add(permission())  # type: ignore[attr-defined]
            return before, await register.standing(ONE)  # type: ignore[attr-defined]

    assert asyncio.run(run()) == (Standing(None), Standing("ONAY", "HS_WEB", MARCH))
    assert asked(moving_sandbox, lambda register: register.standing(ONE)).status == "ONAY"
    with pytest.raises(ProviderFailure, match="credentials_rejected"):
        asyncio.run(run(password="wrong"))
    moving_sandbox.world.faults.add(Fault("error_with_personal_data", company=COMPANY))
    with pytest.raises(ProviderFailure) as caught:
        asyncio.run(run())
    assert moving_sandbox.world.company(COMPANY).customer(0).surname not in str(caught.value)
