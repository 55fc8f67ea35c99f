"""A process that issues its share of orders and may be gone before any statement of it, as a killed one is."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO

import httpx
import psycopg

from connectors.einvoice.contract import Alias, Taxpayer
from hub.db.database import Database
from hub.einvoice.issue.issuing import Asked, Issuing, issue
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from tests.hub.einvoice import samples


def main(
    home: str, tenant_id: str, orders: Sequence[int], answers: str, first_day: date, day: Any, last: int | None
) -> None:
    """Issue every order that has no line in `answers` yet, adding one each; die at statement number `last`."""
    if last is not None:
        _die_at(last)
    database = Database(Settings.apart(Path(home)))
    issuing = Issuing(
        database,
        Keyring(database, read_master_key(database.settings.master_key_file)),
        integrators=lambda _name: _open_list,
        checker=Unasked(),
        today=lambda: first_day + timedelta(days=day.value),
    )
    path = Path(answers)
    done = {line.split()[0] for line in path.read_text().splitlines()} if path.exists() else set[str]()
    left = [order for order in orders if str(order) not in done]
    try:
        with path.open("a") as book:
            asyncio.run(_issue_all(issuing, tenant_id, left, book))
    finally:
        database.close()


class Unasked:
    """In place of the tax office's rules: they are asked before a number is taken, and cost most of an invoice."""

    def check(self, document: bytes, *, kind: Any = None) -> list[Any]:
        del document, kind
        return []


class _List:
    """The tax office's list: one buyer stands on it, the other does not."""

    async def lookup(self, number: str) -> Taxpayer | None:
        if number != samples.CUSTOMER_VKN:
            return None
        return Taxpayer(number, "Örnek Alıcı Ltd. Şti.", (Alias("urn:mail:defaultpk@ornek.com.tr"),))


@asynccontextmanager
async def _open_list(_spec: Any, _client: Any) -> AsyncGenerator[Any]:
    yield _List()


def asked(order: int) -> Asked:
    """Every second order goes to the registered buyer: two series grow at once."""
    values = samples.values("EARSIVFATURA", "SATIS")
    for name in ("profile", "supplier", "issue_date"):
        values.pop(name)
    values["customer"] = samples.customer() if order % 2 else samples.person()
    values["notes"] = [f"Sipariş {order}"]
    return Asked(f"order-{order}", values)


async def _issue_all(issuing: Issuing, tenant_id: str, orders: Sequence[int], book: TextIO) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for order in orders:
            issued = await issue(issuing, tenant_id, asked(order), client, issued_by="test")
            book.write(f"{order} {issued.document.number}\n")
            book.flush()


def _die_at(last: int) -> None:
    left, execute = last, psycopg.Connection.execute

    def counted(self: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(self, *arguments, **named)

    psycopg.Connection.execute = counted  # type: ignore[method-assign]
