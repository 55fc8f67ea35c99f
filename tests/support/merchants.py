"""Tenants with an account at the sandbox's iyzico, and what the sandbox tells of them, read without the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.iyzico import PROVIDER
from connectors.sandbox.iyzico.ledger import LONGEST_REFUND_DAYS, ledger
from connectors.sandbox.iyzico.subscribers import subscribers_of
from connectors.sandbox.iyzico.transactions import movements
from kvkk_policies.canonical import canonical
from tests.support.accounts import add_account

if TYPE_CHECKING:
    from connectors.sandbox.server import Sandbox
    from connectors.sandbox.world import World
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from kvkk_policies.pseudonym import Pseudonymiser


def add_merchant(database: Database, keyring: Keyring, sandbox: Sandbox, company: str, **settings: Any) -> str:
    """A tenant that the sandbox knows as `company`, its account active as after a passed test. Returns its id."""
    return add_account(database, keyring, sandbox, PROVIDER, company, **settings)


@dataclass(frozen=True)
class Told:
    """What the sandbox tells of one company: facts by stream and key, and when each movement happened."""

    rows: dict[str, dict[tuple[str, ...], tuple[Any, ...]]]
    happened: dict[str, dict[tuple[str, ...], datetime]]

    def of(self, streams: Iterable[str]) -> list[tuple[str, dict[tuple[str, ...], tuple[Any, ...]]]]:
        """Some streams' rows."""
        return [(stream, self.rows[stream]) for stream in streams]


LANDED = {
    "transactions": ("transaction_type, transaction_id", "transaction_date, transaction_status, price"),
    "payment_details": ("payment_id", "price"),
    "refunds": ("refund_tx_id", "payment_id, refund_price"),
    "cancels": ("refund_id", "payment_id, refund_price"),
    "subscription_customers": ("reference_code", "email, gsm_number, identity_number"),
}
"""Keys and facts that are compared, by stream: columns of landing."""


def told(world: World, company: str, pseudonymiser: Pseudonymiser) -> Told:
    """The sandbox's own books from its first day on, written as landing should hold them."""
    rows: dict[str, dict[tuple[str, ...], tuple[Any, ...]]] = {name: {} for name in LANDED}
    happened: dict[str, dict[tuple[str, ...], datetime]] = {name: {} for name in LANDED}
    _tell_money(world, company, rows, happened)
    _tell_people(world, company, pseudonymiser, rows)
    return Told(rows, happened)


def _tell_money(world: World, company: str, rows: dict[str, Any], happened: dict[str, Any]) -> None:
    now, books = world.clock.now(), ledger(world)
    days = (now.date() - world.first_day).days + 2
    for day in (world.first_day + timedelta(days=passed) for passed in range(days)):
        for each in movements(books, company, day, now, refund_days=LONGEST_REFUND_DAYS):
            at = (datetime.fromisoformat(each["transactionDate"]) - timedelta(hours=3)).replace(tzinfo=UTC)
            kind, number, price = each["transactionType"], str(each["transactionId"]), _money(each["price"])
            _put(rows, happened, "transactions", (kind, number), (at, each.get("transactionStatus"), price), at)
            payment = str(each["paymentId"])
            if kind != "PAYMENT":
                stream = "refunds" if kind == "REFUND" else "cancels"
                _put(rows, happened, stream, (number,), (payment, price), at)
        for payment in books(company, day):
            if payment.told_at <= now:
                number, total = str(payment.payment_id), _money(payment.total / 100)
                _put(rows, happened, "payment_details", (number,), (total,), payment.at)


def _tell_people(world: World, company: str, pseudonymiser: Pseudonymiser, rows: dict[str, Any]) -> None:
    def token(kind: str, value: str) -> str:
        form = canonical(kind, value)
        if form is None:
            raise ValueError("the sandbox's people are valid")
        return pseudonymiser.one(kind, form)

    now = world.clock.now()
    for each in subscribers_of(world)(company):
        if each.joined > now:
            continue
        person = world.company(company).customer(each.index)
        email, phone = token("email", person.email), token("phone", person.phone)
        rows["subscription_customers"][each.customer_reference,] = (email, phone, token("tckn", person.tckn))


def _put(
    rows: dict[str, Any], happened: dict[str, Any], stream: str, key: tuple[str, ...], facts: Any, at: datetime
) -> None:
    rows[stream][key] = facts
    happened[stream][key] = at


def _money(amount: float) -> Decimal:
    return Decimal(str(amount))


def landed(
    database: Database, tenant_id: str, streams: Iterable[str]
) -> dict[str, dict[tuple[str, ...], tuple[Any, ...]]]:
    """The tenant's landing rows by stream, in the form of `Told.rows`."""
    found: dict[str, dict[tuple[str, ...], tuple[Any, ...]]] = {}
    with database.tenant(tenant_id, "loader") as connection:
        for stream in streams:
            key, facts = LANDED[stream]
            width = len(key.split(","))
            rows = connection.execute(f"SELECT {key}, {facts} FROM landing.iyzico_{stream}").fetchall()  # noqa: S608
            found[stream] = {tuple(row[:width]): tuple(row[width:]) for row in rows}
    return found


def cursors(database: Database, tenant_id: str) -> dict[str, datetime | None]:
    """How far each stream has been read."""
    with database.tenant(tenant_id, "app") as connection:
        return dict(connection.execute("SELECT stream, synced_until FROM hub.sync_state").fetchall())


def without_originals(database: Database, tenant_id: str, policy: Any, streams: Sequence[str]) -> list[str]:
    """Places of landing where a pseudonym of a `vault` column, or a masked text, has no original in the vault."""
    missing: list[str] = []
    for stream in streams:
        key = "concat_ws('|', " + ", ".join(PROVIDER.stream(stream).key) + ")"
        for column in policy.streams[stream].columns.values():
            if column.action == "vault":
                missing += _orphans(database, tenant_id, stream, column.name, column.name, "originals", "pseudonym")
            elif column.action == "scan" and column.params.get("vault"):
                shown = f"CASE WHEN {column.name} ~ '<[A-Z_]+:' THEN {key} END"
                missing += _orphans(database, tenant_id, stream, column.name, shown, "texts", "row_key")
    return missing


def _orphans(
    database: Database, tenant_id: str, stream: str, name: str, shown: str, table: str, column: str
) -> list[str]:
    with database.tenant(tenant_id, "loader") as connection:
        wanted = {row[0] for row in connection.execute(f"SELECT {shown} FROM landing.iyzico_{stream}")}  # noqa: S608
    place = "" if table == "originals" else f" WHERE stream = 'iyzico.{stream}' AND column_name = '{name}'"
    with database.tenant(tenant_id, "vault") as connection:
        kept = {row[0] for row in connection.execute(f"SELECT {column} FROM vault.{table}{place}")}  # noqa: S608
    return [f"{stream}.{name}: {value}" for value in sorted(wanted - kept - {None})]
