"""Tenants with accounts at the sandbox's stand-ins, whichever provider."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.registry import PROVIDERS
from connectors.sandbox.registry import STAND_INS
from connectors.secret import Secret
from hub.control import grounds, integrations, legal_bases
from hub.control.legal_basis_record import NewLegalBasis

if TYPE_CHECKING:
    from connectors.contract import Admission, Provider
    from connectors.sandbox.server import Sandbox
    from hub.db.database import Database
    from hub.keys.keyring import Keyring

UNHURRIED = {"requests_per_minute": 900_000}
"""The stand-ins have no quota."""


OF_MESSAGES = frozenset({"netgsm", "whatsapp"})
"""Whose stand-ins have no books from the start: they tell what a test lets somebody write (tests/hub/inbox)."""


def providers_with_a_stand_in() -> Mapping[str, Provider]:
    """Every registered provider whose records the sandbox can play."""
    return {name: provider for name, provider in PROVIDERS.items() if name in STAND_INS.keys() - OF_MESSAGES}


def add_tenant(database: Database) -> str:
    """A tenant without any account. Returns its id."""
    tenant_id = "t" + "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(11))
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.tenants (tenant_id, name, subdomain, tax_number_kind, tax_number_cipher, tax_number_hash,"
            " tax_office, kvkk_consent_date, plan) VALUES (%s, 'Dükkân', %s, 'vkn', '', %s, 'Kadıköy', '2026-01-01',"
            " 'professional')",
            (tenant_id, tenant_id, tenant_id.encode()),
        )
    return tenant_id


def add_account(
    database: Database,
    keyring: Keyring,
    sandbox: Sandbox,
    provider: Provider,
    company: str,
    *,
    tenant_id: str | None = None,
    **settings: Any,
) -> str:
    """Connect a tenant (a new one unless named) as the sandbox's `company`, active as after a passed test.

    Where rows need a legal basis, one is on record for each of the company's customers.
    """
    tenant_id = tenant_id or add_tenant(database)
    credentials = {name: Secret(value) for name, value in sandbox.credentials(company, provider.name).items()}
    known = {name: value for name, value in {**UNHURRIED, **settings}.items() if name in provider.setting_names}
    account = integrations.Account("sandbox", credentials, base_url=sandbox.url, settings=known)
    integrations.connect(database, keyring, provider, tenant_id, account)
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.integrations SET state = 'active', tested_at = now() WHERE provider = %s", (provider.name,)
        )
    for stream in provider.streams:
        if stream.admission is not None:
            _let_in(database, keyring, sandbox, tenant_id, company, stream.admission)
    return tenant_id


def _let_in(
    database: Database, keyring: Keyring, sandbox: Sandbox, tenant_id: str, company: str, admission: Admission
) -> None:
    basis = NewLegalBasis(
        purpose=admission.purpose,
        legal_basis="contract",
        data_categories=admission.categories,
        proportionality_note="Vadeli satış.",
        notice_id="aydinlatma-1",
        valid_from=datetime(2020, 1, 1, tzinfo=UTC),
        recorded_by="test",
    )
    people = sandbox.world.company(company)
    for index in range(people.CUSTOMERS):
        number = Secret(people.customer(index).tckn)
        subject = grounds.subject_pseudonym(keyring, tenant_id, "tckn", number)
        legal_bases.record(database, tenant_id, kind="tckn", subject=subject, new=basis)
