"""Who plays: three small businesses with every provider that the sandbox stands in for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.registry import PROVIDERS
from connectors.sandbox.findeks.files import drop_report_files
from connectors.sandbox.iyzico.settlement import drop_settlement_files
from connectors.sandbox.registry import STAND_INS
from connectors.secret import Secret
from hub.control import integrations, tenants
from hub.control.new_tenant import NewTenant
from hub.control.trial_connection import run_test
from hub.demo.bases import record_bases
from hub.sync.fetch import http_client

if TYPE_CHECKING:
    from connectors.sandbox.server import Sandbox
    from hub.db.database import Database
    from hub.keys.keyring import Keyring


@dataclass(frozen=True)
class Part:
    """One tenant of the demo. `company` is the sandbox's name of the same business."""

    tenant_id: str
    name: str
    subdomain: str
    company: str
    drop: Path
    """Where the files arrive that a provider delivers instead of answering."""

    @property
    def report_drop(self) -> Path:
        """Where credit reports arrive as files."""
        return self.drop / "findeks"


SANDBOX_REQUESTS_PER_MINUTE = 60_000
"""The stand-in has no quota; at a provider's own rate the first sync of a demo would take half an hour."""

_BUSINESSES = (
    ("Boğaziçi Lojistik Ltd. Şti.", "bogazici", "4540536920"),
    ("Çınar Gıda A.Ş.", "cinar", "1234567890"),
    ("İzmir Oto Servis", "izmirservis", "10000000146"),
)


_MESSENGERS = ("netgsm", "whatsapp")
"""What they have to tell is what was answered to messages: nothing, until somebody sends some."""


def providers() -> list[str]:
    """Providers that have a stand-in with a past."""
    return [name for name in PROVIDERS if name in STAND_INS and name not in _MESSENGERS]


def sick_provider() -> str:
    """The provider whose credentials expire for the last tenant."""
    return "bulutfon" if "bulutfon" in providers() else providers()[0]


def engage(database: Database, keyring: Keyring, sandbox: Sandbox, *, drops: Path) -> list[Part]:
    """Create the tenants with all their integrations, each tested."""
    # The first one issues invoices, which Nilvera's stand-in takes from the company alone whose number is on them.
    issuer, *others = _BUSINESSES
    businesses = [(*issuer[:2], sandbox.world.company(issuer[1]).vkn), *others]
    return [_engage(database, keyring, sandbox, drops, *business) for business in businesses]


def drop_files(sandbox: Sandbox, cast: Sequence[Part]) -> None:
    """Bring what iyzico leaves on its SFTP server to where the connector looks."""
    for part in cast:
        drop_settlement_files(sandbox.world, part.company, part.drop)


def _engage(
    database: Database, keyring: Keyring, sandbox: Sandbox, drops: Path, name: str, subdomain: str, tax_number: str
) -> Part:
    new = NewTenant(
        name=name,
        subdomain=subdomain,
        tax_number=Secret(tax_number),
        tax_office="Kadıköy",
        kvkk_consent_date=date(2026, 1, 15),
        plan="professional",
    )
    tenant = tenants.add(database, keyring, new, add_partition=_partition_comes_with_the_first_sync)
    part = Part(tenant.tenant_id, name, subdomain, subdomain, drops / subdomain)
    part.drop.mkdir(parents=True)
    drop_settlement_files(sandbox.world, part.company, part.drop)
    drop_report_files(sandbox.world, part.company, part.report_drop)
    record_bases(database, keyring, sandbox, part)
    for provider in providers():
        _connect(database, keyring, sandbox, part, provider)
    return part


def _partition_comes_with_the_first_sync(tenant_id: str) -> None:
    """`hub sync` reconciles partitions before it starts."""
    del tenant_id


def _connect(database: Database, keyring: Keyring, sandbox: Sandbox, part: Part, name: str) -> None:
    provider = PROVIDERS[name]
    credentials = {field: Secret(value) for field, value in sandbox.credentials(part.company, name).items()}
    wished = {
        "requests_per_minute": SANDBOX_REQUESTS_PER_MINUTE,
        "settlement_directory": str(part.drop),
        "report_directory": str(part.report_drop),
    }
    settings = {key: value for key, value in wished.items() if key in provider.setting_names}
    account = integrations.Account("sandbox", credentials, base_url=sandbox.url, settings=settings)
    integrations.connect(database, keyring, provider, part.tenant_id, account)

    async def test() -> None:
        async with http_client() as client:
            await run_test(database, keyring, provider, part.tenant_id, client)

    asyncio.run(test())
