"""Permissions to bring in, and a register over the sandbox whose time passes by sleeping only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from connectors.contract import ConnectionSpec
from connectors.iys.register import Address, Permission, PermissionStatus
from connectors.iys.session import IysRegister, IysSession, open_session
from connectors.sandbox.iys import tokens
from connectors.sandbox.server import Sandbox
from tests.connectors.stand_still import StandStill, spec_at, work_in

T = TypeVar("T")
COMPANY = "brand-1"
ONE, OTHER = Address("+905320000001", "MESAJ"), Address("+905320000002", "MESAJ")
MARCH = datetime(2026, 3, 2, 7, 15, tzinfo=UTC)


def permission(
    address: Address = ONE, status: PermissionStatus = "ONAY", at: datetime = MARCH, source: str = "HS_WEB"
) -> Permission:
    return Permission(address, status, source, at)


def spec(sandbox: Sandbox, company: str = COMPANY, **settings: Any) -> ConnectionSpec:
    return spec_at(sandbox.url, sandbox.credentials(company, "iys"), **{**tokens.codes(company), **settings})


def asked(
    sandbox: Sandbox, work: Callable[[IysRegister], Awaitable[T]], time: StandStill | None = None, **settings: Any
) -> T:
    async def of_session(session: IysSession) -> T:
        return await work(session.register)

    return work_in(open_session, spec(sandbox, **settings), of_session, time)
