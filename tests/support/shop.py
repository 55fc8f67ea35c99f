"""Installations with the fixture provider `siparis`, and tenants whose orders are files that a test writes."""

from __future__ import annotations

import json
import random
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hub.db import postgres
from hub.db.database import Database
from hub.db.migrate import migrate
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.vault import Vault
from hub.policies.remask import Hook, Remasker, no_hook
from hub.settings import Settings
from hub.sync.batch import Engine
from kvkk_policies.gate import Detector, Gate
from kvkk_policies.policy import load_policies
from tests.fixtures.siparis import PROVIDER
from tests.support.homes import HOMES
from tests.support.rooms import new_directory

FIXTURE = Path(__file__).parents[1] / "fixtures" / "siparis"
START = datetime(2026, 11, 1, tzinfo=UTC)


@contextmanager
def shop_installation(policy: str | None = None) -> Iterator[Settings]:
    """A migrated home of its own whose only provider is the fixture's, with its policy or another one."""
    home = new_directory("kopru-shop-")
    policies = home / "policies"
    policies.mkdir()
    (policies / "siparis.yaml").write_text(policy or (FIXTURE / "siparis.yaml").read_text())
    settings = Settings.apart(home, policies_dir=policies)
    try:
        HOMES.lay_bare(home)
        with postgres.running(settings):
            migrate(settings, providers={PROVIDER.name: PROVIDER}, with_dagster=False)
            yield settings
    finally:
        shutil.rmtree(home, ignore_errors=True)


def open_shop_engine(settings: Settings, detector: Detector) -> Engine:
    """An engine of its own pools: close its database."""
    policies = load_policies(settings.policies_dir)
    database = Database(settings)
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    return Engine(database, keyring, Vault(database, keyring), Gate(policies, detector), policies)


def add_shop(engine: Engine, directory: Path) -> str:
    """A tenant with an active integration that reads `directory`. Returns its id."""
    tenant_id = "t" + "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(11))
    directory.mkdir(parents=True, exist_ok=True)
    sealed = engine.keyring.tenant(tenant_id).seal(
        "integration", PROVIDER.name, json.dumps({"directory": str(directory)}).encode()
    )
    with engine.database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.tenants (tenant_id, name, subdomain, tax_number_kind, tax_number_cipher, tax_number_hash,"
            " tax_office, kvkk_consent_date, plan) VALUES (%s, 'Dükkân', %s, 'vkn', '', '', 'Kadıköy', '2026-01-01',"
            " 'professional')",
            (tenant_id, tenant_id),
        )
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state)"
            " VALUES (%s, %s, 'sandbox', %s, 'active')",
            (tenant_id, PROVIDER.name, sealed),
        )
    return tenant_id


@dataclass(frozen=True)
class Order:
    """One order as the shop has it."""

    number: int
    version: int
    seed: int

    def row(self) -> dict[str, Any]:
        """The JSON that the shop drops. Values follow from seed, number and version alone."""
        when = START + timedelta(minutes=self.number)
        base = _unchanging(self.seed, self.number)
        return base | {
            "status": ("NEW", "PAID", "SENT", "BACK")[(self.number + self.version) % 4],
            "changed_at": (when + timedelta(hours=self.version)).isoformat(),
            "amount": f"{base['item_count'] * 125 + self.version}.{self.number % 100:02d}",
        }


CUSTOMERS = 2_000
"""Of one shop: most orders come from people who ordered before."""


@cache
def _unchanging(seed: int, number: int) -> dict[str, Any]:
    dice = random.Random(seed * 1_000_003 + number)
    customer = seed * CUSTOMERS + dice.randrange(CUSTOMERS)
    when = START + timedelta(minutes=number)
    return {
        "order_id": f"S{number:07d}",
        "ordered_at": when.isoformat(),
        "currency": "TRY",
        "tax": f"{dice.randrange(1, 10_000) / 100:.2f}",
        "item_count": dice.randrange(1, 9),
        "channel": dice.choice(("web", "mobile", "store")),
        "is_gift": dice.random() < 0.1,
        "delivery_day": (when + timedelta(days=3)).date().isoformat(),
        "customer_tckn": tckn(100_000_000 + customer),
        "customer_phone": f"+90 5{30 + customer % 30} {customer % 997:03d} {customer % 10_000:04d}",
        "customer_email": f"musteri{customer}@ornek{customer % 50}.com.tr",
        "note": None,
    }


def tckn(first_nine: int) -> str:
    """A valid identity number from its first nine digits."""
    digits = [int(digit) for digit in f"{first_nine:09d}"]
    tenth = (7 * sum(digits[0::2]) - sum(digits[1::2])) % 10
    return "".join(map(str, [*digits, tenth, (sum(digits) + tenth) % 10]))


def drop(directory: Path, name: str, orders: Iterable[Order]) -> None:
    """Write the orders as one file of the drop, whole or not at all."""
    draft = directory / f".{name}"
    with draft.open("w") as file:
        for order in orders:
            file.write(json.dumps(order.row()) + "\n")
    draft.rename(directory / f"{name}.jsonl")


def landed(engine: Engine, tenant_id: str) -> dict[str, tuple[Any, ...]]:
    """The tenant's landing rows by order id: status, amount, changed_at and the phone's pseudonym."""
    with engine.database.tenant(tenant_id, "loader") as connection:
        rows = connection.execute(
            "SELECT order_id, status, amount, changed_at, customer_phone FROM landing.siparis_orders"
        ).fetchall()
    return {row[0]: tuple(row[1:]) for row in rows}


def expected(engine: Engine, tenant_id: str, orders: Sequence[Order]) -> dict[str, tuple[Any, ...]]:
    """The same, computed from the orders without the loader's code."""
    from decimal import Decimal

    from kvkk_policies.canonical import canonical

    pseudonymiser = engine.keyring.tenant(tenant_id).pseudonymiser()
    pseudonyms: dict[str, str] = {}
    found: dict[str, tuple[Any, ...]] = {}
    for order in orders:
        row: Mapping[str, Any] = order.row()
        written = row["customer_phone"]
        if written not in pseudonyms:
            phone = canonical("phone", written)
            if phone is None:
                raise ValueError("the shop's phones are valid")
            pseudonyms[written] = pseudonymiser.one("phone", phone)
        found[row["order_id"]] = (
            row["status"],
            Decimal(row["amount"]),
            datetime.fromisoformat(row["changed_at"]),
            pseudonyms[written],
        )
    return found


class NoDetector:
    """For streams whose notes are empty: detection itself is proved elsewhere."""

    def scan(self, texts: Sequence[str]) -> list[list[Any]]:
        return [[] for _ in texts]

    def special(self, texts: Sequence[str]) -> list[bool]:
        return [False for _ in texts]


def open_remasker_of(engine: Engine, detector: Detector | None = None, *, hook: Hook = no_hook) -> Remasker:
    """What rewrites loaded rows, on the engine's pools and policies."""
    return Remasker(
        engine.database,
        engine.keyring,
        engine.vault,
        {PROVIDER.name: PROVIDER},
        engine.policies,
        detector or NoDetector(),
        hook,
    )
