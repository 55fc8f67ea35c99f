"""A shop that issues through Nilvera's stand-in, over real HTTP, into a real archive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from connectors.action_registry import kinds
from connectors.registry import accounts
from connectors.sandbox.gib import taxpayers
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from hub.control import integrations
from hub.db.database import Database
from hub.einvoice.issue import archive
from hub.einvoice.issue.following import Documents
from hub.einvoice.issue.issuing import Asked, Issued, Issuing, issue
from hub.einvoice.issue.profile import IssuerProfile, set_profile
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import SYSTEM
from hub.outbox.drain import Pace, drain
from hub.outbox.gate import Gates
from hub.outbox.perform import Outbox
from hub.settings import Settings
from hub.sync.fetch import http_client
from tests.conftest import MakeTenant
from tests.hub.einvoice import samples

PROFILE = {
    "integrator": "nilvera",
    "einvoice_series": "FTR",
    "earchive_series": "ARS",
    "address": {"district": "Kadıköy", "city": "İstanbul"},
}


@dataclass
class Shop:
    database: Database
    keyring: Keyring
    sandbox: Sandbox
    issuing: Issuing
    tenant: str
    company: str

    def buyer(self, standing: str = "none", index: int = 0) -> str:
        return taxpayers.someone(self.sandbox.world.seed, standing, index)  # type: ignore[arg-type]

    def values(self, buyer: str | None = None, **more: Any) -> dict[str, Any]:
        found = samples.values("EARSIVFATURA", "SATIS")
        for name in ("profile", "supplier", "issue_date"):
            found.pop(name)
        found["customer"]["identity"] = buyer or self.buyer()
        return found | more

    def ask(self, key: str | None = None, *, values: dict[str, Any] | None = None, **more: Any) -> Issued:
        asked = Asked(key or uuid4().hex, values or self.values(), **more)

        async def run() -> Issued:
            async with http_client() as client:
                return await issue(self.issuing, self.tenant, asked, client, issued_by="test")

        return asyncio.run(run())

    def drain(self) -> Any:
        outbox = Outbox(self.database, self.keyring, kinds(), accounts(), Gates((), (Documents(),)), archive.attach)
        from datetime import timedelta

        return asyncio.run(drain(outbox, pace=Pace(lingers=timedelta(0), least_wait=0.01)))

    def content(self, issued: Issued) -> bytes:
        with self.database.tenant(self.tenant, "app") as connection:
            return archive.content(connection, self.keyring.tenant(self.tenant), issued.document.document_id)

    def find(self, issued: Issued) -> archive.Document:
        with self.database.tenant(self.tenant, "app") as connection:
            return archive.find(connection, self.tenant, issued.document.number)

    def look_again(self) -> None:
        """Everything that waits is due."""
        with self.database.tenant(self.tenant, "app") as connection:
            connection.execute(
                "UPDATE hub.actions SET next_look_at = now() WHERE tenant_id = %s AND next_look_at IS NOT NULL",
                (self.tenant,),
            )


@pytest.fixture(scope="session")
def office() -> Iterator[Sandbox]:
    with Sandbox(seed=7, start=datetime.now(UTC)) as running:
        yield running


@pytest.fixture
def shop(settings: Settings, database: Database, make_tenant: MakeTenant, office: Sandbox) -> Iterator[Shop]:
    office.world.faults.clear()
    yield opened_shop(settings, database, make_tenant, office)
    office.world.faults.clear()


def opened_shop(settings: Settings, database: Database, make_tenant: Callable[..., str], office: Sandbox) -> Shop:
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    company = f"shop-{uuid4().hex[:8]}"
    tenant = make_tenant()
    keys = keyring.tenant(tenant)
    number = office.world.company(company).vkn
    with database.tenant(tenant, "app") as connection:
        connection.execute(
            "UPDATE hub.tenants SET tax_number_cipher = %s WHERE tenant_id = %s",
            (keys.seal("tenant-tax-number", tenant, number.encode()), tenant),
        )
    account = integrations.Account(
        "sandbox",
        {name: Secret(value) for name, value in office.credentials(company, "nilvera").items()},
        base_url=office.url,
        settings={"requests_per_minute": 6000},
    )
    integrations.connect(database, keyring, integrations.provider_named("nilvera"), tenant, account)
    set_profile(database, tenant, IssuerProfile.model_validate(PROFILE), actor=SYSTEM)
    return Shop(database, keyring, office, Issuing(database, keyring), tenant, company)
