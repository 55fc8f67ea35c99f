"""Issuing one invoice: asked once by its key, checked with a provisional number, numbered and signed in one act.

Whatever goes wrong before that transaction costs nothing. Within it number, signature, archive and the order to deliver
come to be together or not at all.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from connectors.einvoice.registry import integrator_named
from connectors.istanbul import day_of
from hub.einvoice.arithmetic.totals import sums
from hub.einvoice.check.checker import Checker, warm_checker
from hub.einvoice.invoice.reading import read
from hub.einvoice.issue import archive, provisional, series
from hub.einvoice.issue.profile import profile_of, supplier
from hub.einvoice.issue.route import Route, route
from hub.einvoice.issue.seals import Seals
from hub.einvoice.seal.sign import sign
from hub.einvoice.ubl.document import build
from hub.errors import HubError
from hub.outbox.enqueue import NewAction, enqueue

if TYPE_CHECKING:
    import httpx

    from connectors.einvoice.kinds import OpenIntegrator
    from hub.db.database import Connection, Database
    from hub.einvoice.invoice.invoice import Invoice
    from hub.einvoice.issue.profile import IssuerProfile
    from hub.keys.keyring import Keyring, TenantKeys


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
    """What was issued; `repeated` when it had been already."""

    document: archive.Document
    repeated: bool


async def issue(issuing: Issuing, tenant_id: str, asked: Asked, client: httpx.AsyncClient, *, issued_by: str) -> Issued:
    """Issue an invoice and queue its delivery, or answer what was issued under the key before.

    Raises `InvalidInput` for wrong fields, HubError `idempotency_key_reused`, `einvoice_check_failed` with the codes of
    what the tax office would refuse, what profile, route, series and seal raise, and `ProviderFailure` of the look-up.
    """
    keys = await asyncio.to_thread(issuing.keyring.tenant, tenant_id)
    mark = _mark(keys, asked)
    before = await asyncio.to_thread(_standing, issuing.database, keys, asked, mark)
    if before is not None:
        return Issued(before, repeated=True)
    profile, party = await asyncio.to_thread(_issuer, issuing, keys)
    way = await _route(issuing, tenant_id, profile, asked, client)
    while True:
        day = issuing.today()
        values = {"issue_date": day.isoformat(), **asked.values, "supplier": party, "profile": way.profile}
        invoice = read(values)
        ettn = uuid4()
        await asyncio.to_thread(_require_right, issuing, invoice, ettn, profile.series(way.kind))
        try:
            return await asyncio.to_thread(_commit, issuing, keys, asked, mark, invoice, way, profile, ettn, issued_by)
        except HubError as error:
            # At midnight another invoice of the series may already be of the new day: this one becomes so too.
            passed = "issue_date" not in asked.values and issuing.today() > day
            if error.code != "einvoice_date_decreases" or not passed:
                raise


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


def _issuer(issuing: Issuing, keys: TenantKeys) -> tuple[IssuerProfile, dict[str, Any]]:
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


def _require_right(issuing: Issuing, invoice: Invoice, ettn: UUID, name: str) -> None:
    """XSD, schematron and sums, before a number is taken: with a number and a seal that no document keeps."""
    draft = build(invoice, number=series.provisional(name, invoice.issue_date.year), ettn=ettn, today=issuing.today())
    found = issuing.checker.check(provisional.sealed(draft))
    errors = sorted({each.code for each in found if each.severity == "error"})
    if errors:
        raise HubError("einvoice_check_failed", codes=", ".join(errors))


def _commit(
    issuing: Issuing,
    keys: TenantKeys,
    asked: Asked,
    mark: bytes,
    invoice: Invoice,
    way: Route,
    profile: IssuerProfile,
    ettn: UUID,
    issued_by: str,
) -> Issued:
    with issuing.database.tenant(keys.tenant_id, "app") as connection:
        signer = issuing.seals.of(connection, keys)
        held = series.hold(connection, keys.tenant_id, profile.series(way.kind), invoice.issue_date, way.kind)
        # Asked again under the series' lock: whoever asked with the same key at the same time has come through by now.
        before = _issued_before(connection, keys, asked, mark)
        if before is not None:
            return Issued(before, repeated=True)
        number = series.number(held.series, held.year, held.next_number)
        document = build(invoice, number=number, ettn=ettn, today=issuing.today())
        if signer is not None:
            document = sign(document, signer, now=datetime.now(UTC))
        document_id = uuid4()
        _store(connection, keys, asked, mark, invoice, way, held, number, ettn, document_id, document, issued_by,
               sealed_here=signer is not None)  # fmt: skip
        series.advance(connection, keys.tenant_id, held, invoice.issue_date)
        queued = enqueue(
            connection,
            keys,
            _delivery(profile, way, asked, number, ettn, document_id),
            created_by=issued_by,
        )
        connection.execute(
            "UPDATE hub.documents SET action_id = %s WHERE tenant_id = %s AND document_id = %s",
            (queued.action_id, keys.tenant_id, document_id),
        )
        return Issued(archive.find(connection, keys.tenant_id, str(document_id)), repeated=False)


def _delivery(
    profile: IssuerProfile, way: Route, asked: Asked, number: str, ettn: UUID, document_id: UUID
) -> NewAction:
    payload: dict[str, Any] = {
        "document_id": str(document_id),
        "ettn": str(ettn),
        "kind": way.kind,
        "number": number,
    }
    if way.alias is not None:
        payload["alias"] = way.alias
    if way.kind == "earchive":
        payload["delivery"] = "paper" if asked.paper else "electronic"
    return NewAction(
        kind=f"{profile.integrator}.{way.kind}",
        idempotency_key=f"document:{document_id}",
        payload=payload,
        about=f"document:{document_id}",
        priority=3,
    )


def _store(
    connection: Connection,
    keys: TenantKeys,
    asked: Asked,
    mark: bytes,
    invoice: Invoice,
    way: Route,
    held: series.Series,
    number: str,
    ettn: UUID,
    document_id: UUID,
    document: bytes,
    issued_by: str,
    *,
    sealed_here: bool,
) -> None:
    wrapped, ciphertext = archive.sealed(keys, document_id, document)
    kind = "tckn" if invoice.customer.scheme == "TCKN" else "vkn"
    connection.execute(
        "INSERT INTO hub.documents (tenant_id, document_id, ettn, idempotency_key, request_mark, number, series, year,"
        " counter, kind, profile, type, issue_date, buyer_kind, buyer, currency, payable, sealed_here, sha256, bytes,"
        " key_cipher, content, issued_by, kept_until, facts)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            keys.tenant_id,
            document_id,
            ettn,
            asked.idempotency_key,
            mark,
            number,
            held.series,
            held.year,
            held.next_number,
            way.kind,
            invoice.profile,
            invoice.type,
            invoice.issue_date,
            kind,
            keys.pseudonymiser().one(kind, invoice.customer.identity),
            invoice.currency,
            sums(invoice).payable,
            sealed_here,
            hashlib.sha256(document).digest(),
            len(document),
            wrapped,
            ciphertext,
            issued_by,
            archive.kept_until(invoice.issue_date),
            json.dumps({"looked_up_at": way.looked_up_at.isoformat()} if way.looked_up_at else {}),
        ),
    )
