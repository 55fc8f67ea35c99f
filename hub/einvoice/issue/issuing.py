"""Issuing one invoice: asked once by its key, checked with a provisional number, numbered and signed in one act.

Whatever goes wrong before that transaction costs nothing. Within it number, signature, archive and the order to deliver
come to be together or not at all.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from connectors.einvoice.registry import integrator_named
from connectors.istanbul import day_of
from hub.einvoice.check.checker import Checker, warm_checker
from hub.einvoice.invoice.reading import parsed, read
from hub.einvoice.issue import archive, provisional, series
from hub.einvoice.issue.keeping import keep
from hub.einvoice.issue.profile import profile_of, supplier
from hub.einvoice.issue.route import Route, route
from hub.einvoice.issue.seals import Seals
from hub.einvoice.seal.sign import sign
from hub.einvoice.ubl.document import build
from hub.errors import HubError
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    import httpx

    from connectors.einvoice.kinds import OpenIntegrator
    from hub.db.database import Connection, Database
    from hub.einvoice.finding import Finding
    from hub.einvoice.invoice.invoice import Invoice
    from hub.einvoice.issue.profile import IssuerProfile
    from hub.einvoice.seal.signer import Signer
    from hub.keys.keyring import Keyring, TenantKeys


LONGEST_KEY = 200


@dataclass(frozen=True)
class Issuing:
    """What issuing works with. `integrators` says how each is opened."""

    database: Database
    keyring: Keyring
    integrators: Callable[[str], OpenIntegrator] = integrator_named
    checker: Checker = field(default_factory=warm_checker)
    seals: Seals = field(default_factory=Seals)
    today: Callable[[], date] = lambda: day_of(datetime.now(UTC))


@dataclass(frozen=True)
class Asked:
    """One invoice as its caller knows it. `values` is what hub.einvoice.invoice.reading reads, without a supplier."""

    idempotency_key: str
    values: Mapping[str, Any] = field(repr=False)
    alias: str | None = None
    paper: bool = False
    """An e-Arşiv invoice that the buyer gets on paper."""


@dataclass(frozen=True)
class Issued:
    """What was issued; `repeated` when it had been already, and then without `warnings`."""

    document: archive.Document
    repeated: bool
    warnings: tuple[Finding, ...] = ()
    """What is allowed and most likely a mistake: a rate of VAT that is not in force, an invoice to oneself."""


@dataclass(frozen=True)
class Ready:
    """An invoice that nothing is wrong with, before it has a number."""

    keys: TenantKeys = field(repr=False)
    asked: Asked
    mark: bytes = field(repr=False)
    profile: IssuerProfile = field(repr=False)
    party: Mapping[str, Any] = field(repr=False)
    way: Route
    invoice: Invoice = field(repr=False)
    ettn: UUID
    day: date
    """Which day it was when it was made ready."""
    warnings: tuple[Finding, ...] = ()


async def issue(issuing: Issuing, tenant_id: str, asked: Asked, client: httpx.AsyncClient, *, issued_by: str) -> Issued:
    """Issue an invoice and queue its delivery, or answer what was issued under the key before. Raises as `ready`."""
    found = await ready(issuing, tenant_id, asked, client)
    return found if isinstance(found, Issued) else await finish(issuing, found, issued_by=issued_by)


async def ready(issuing: Issuing, tenant_id: str, asked: Asked, client: httpx.AsyncClient) -> Ready | Issued:
    """Everything short of a number, or what was issued under the key before.

    Raises `InvalidInput` for wrong fields, HubError `idempotency_key_reused`, `einvoice_check_failed` with the codes of
    what the tax office would refuse, what profile, route, series and seal raise, and `ProviderFailure` of the look-up.
    """
    if not 1 <= len(asked.idempotency_key) <= LONGEST_KEY:
        raise InvalidInput([Problem("idempotency_key", "field_length", {"least": 1, "most": LONGEST_KEY})])
    keys = await asyncio.to_thread(issuing.keyring.tenant, tenant_id)
    mark = _mark(keys, asked)
    before = await asyncio.to_thread(_standing, issuing.database, keys, asked, mark)
    if before is not None:
        return Issued(before, repeated=True)
    profile, party = await asyncio.to_thread(issuer_of, issuing, keys)
    _require_readable(issuing, asked, party)
    way = await _route(issuing, tenant_id, profile, asked, client)
    return await asyncio.to_thread(_made_ready, issuing, keys, asked, mark, profile, party, way)


async def finish(issuing: Issuing, found: Ready, *, issued_by: str) -> Issued:
    """Number, sign, keep and queue it. Raises as `ready`."""
    from psycopg.errors import UniqueViolation

    while True:
        try:
            return await asyncio.to_thread(_commit, issuing, found, issued_by)
        except UniqueViolation:
            # Asked with the same key at the same time and issued in another series: the buyer registered meanwhile.
            before = await asyncio.to_thread(_standing, issuing.database, found.keys, found.asked, found.mark)
            if before is None:
                raise
            return Issued(before, repeated=True)
        except HubError as error:
            # At midnight another invoice of the series may already be of the new day: this one becomes so too.
            passed = "issue_date" not in found.asked.values and issuing.today() > found.day
            if error.code != "einvoice_date_decreases" or not passed:
                raise
        found = await asyncio.to_thread(
            _made_ready, issuing, found.keys, found.asked, found.mark, found.profile, found.party, found.way
        )


def _require_readable(issuing: Issuing, asked: Asked, party: Mapping[str, Any]) -> None:
    """Wrong fields are told before anybody is asked about the buyer; what its profile asks for is looked at later."""
    day = issuing.today().isoformat()
    invoice, wrong = parsed({"issue_date": day, "profile": "TEMELFATURA", **asked.values, "supplier": party})
    if invoice is None:
        raise InvalidInput(wrong)


def _made_ready(
    issuing: Issuing,
    keys: TenantKeys,
    asked: Asked,
    mark: bytes,
    profile: IssuerProfile,
    party: Mapping[str, Any],
    way: Route,
) -> Ready:
    day = issuing.today()
    invoice = read({"issue_date": day.isoformat(), **asked.values, "supplier": party, "profile": way.profile})
    ettn = uuid4()
    warnings = _require_right(issuing, invoice, ettn, profile.series(way.kind))
    return Ready(keys, asked, mark, profile, party, way, invoice, ettn, day, warnings)


def _mark(keys: TenantKeys, asked: Asked) -> bytes:
    canonical = json.dumps([asked.values, asked.alias, asked.paper], sort_keys=True, ensure_ascii=False, default=str)
    return keys.keyed_hash("document-request", canonical.encode())


def _standing(database: Database, keys: TenantKeys, asked: Asked, mark: bytes) -> archive.Document | None:
    with database.tenant(keys.tenant_id, "app") as connection:
        return _issued_before(connection, keys, asked, mark)


def _issued_before(connection: Connection, keys: TenantKeys, asked: Asked, mark: bytes) -> archive.Document | None:
    row = connection.execute(
        f"SELECT request_mark, {archive.COLUMNS} FROM hub.documents"  # noqa: S608 - our own names
        " WHERE tenant_id = %s AND idempotency_key = %s",
        (keys.tenant_id, asked.idempotency_key),
    ).fetchone()
    if row is None:
        return None
    if bytes(row[0]) != mark:
        raise HubError("idempotency_key_reused")
    return archive.Document(*row[1:])


def issuer_of(issuing: Issuing, keys: TenantKeys) -> tuple[IssuerProfile, dict[str, Any]]:
    """The tenant's profile, and itself as the supplier's party. HubError `einvoice_profile_missing`."""
    from hub.control.tenants import tax_number

    number = tax_number(issuing.database, issuing.keyring, keys.tenant_id).reveal()
    with issuing.database.tenant(keys.tenant_id, "app") as connection:
        profile = profile_of(connection, keys.tenant_id)
        row = connection.execute(
            "SELECT name, tax_office FROM hub.tenants WHERE tenant_id = %s", (keys.tenant_id,)
        ).fetchone()
    name, tax_office = row or ("", "")
    return profile, supplier(profile, name=name, tax_number=number, tax_office=tax_office)


async def _route(
    issuing: Issuing, tenant_id: str, profile: IssuerProfile, asked: Asked, client: httpx.AsyncClient
) -> Route:
    from hub.control.integrations import connection_spec, provider_named

    open_integrator = issuing.integrators(profile.integrator)
    provider = provider_named(profile.integrator)
    spec = await asyncio.to_thread(connection_spec, issuing.database, issuing.keyring, provider, tenant_id)
    async with open_integrator(spec, client) as integrator:
        return await route(integrator, profile, asked.values, alias=asked.alias, now=datetime.now(UTC))


def _require_right(issuing: Issuing, invoice: Invoice, ettn: UUID, name: str) -> tuple[Finding, ...]:
    """XSD, schematron and sums, before a number is taken: with a number and a seal that no document keeps.

    The warnings. None of them refuses: a rate of VAT that is not in force on the day of issue is right where what was
    sold before a change of rates is invoiced within its seven days (VUK 231/5) or has its price corrected later.
    """
    draft = build(invoice, number=series.provisional(name, invoice.issue_date.year), ettn=ettn, today=issuing.today())
    found = issuing.checker.check(provisional.sealed(draft))
    errors = sorted({each.code for each in found if each.severity == "error"})
    if errors:
        raise HubError("einvoice_check_failed", codes=", ".join(errors))
    return tuple(each for each in found if each.severity == "warning")


def _commit(issuing: Issuing, found: Ready, issued_by: str) -> Issued:
    keys, invoice, kind = found.keys, found.invoice, found.way.kind
    with issuing.database.tenant(keys.tenant_id, "app") as connection:
        signer = issuing.seals.of(connection, keys)
        held = series.hold(connection, keys.tenant_id, found.profile.series(kind), invoice.issue_date, kind)
        # Asked again under the series' lock: whoever asked with the same key at the same time has come through by now.
        before = _issued_before(connection, keys, found.asked, found.mark)
        if before is not None:
            return Issued(before, repeated=True)
        number = series.number(held.series, held.year, held.next_number)
        document = build(invoice, number=number, ettn=found.ettn, today=issuing.today())
        if signer is not None:
            document = _signed(issuing, keys, document, signer)
        document_id = keep(connection, found, held, document, sealed_here=signer is not None, issued_by=issued_by)
        series.advance(connection, keys.tenant_id, held, invoice.issue_date)
        kept = archive.find(connection, keys.tenant_id, str(document_id))
        return Issued(kept, repeated=False, warnings=found.warnings)


def _signed(issuing: Issuing, keys: TenantKeys, document: bytes, signer: Signer) -> bytes:
    try:
        return sign(document, signer, now=datetime.now(UTC))
    except HubError as error:
        if error.code in {"seal_token_failed", "seal_token_silent"}:
            issuing.seals.forget(keys.tenant_id)  # the card was pulled out: the next invoice opens it anew
        raise
