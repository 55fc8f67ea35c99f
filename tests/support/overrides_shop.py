"""A shop whose policy lets tenants choose, and what can be seen of its rows from outside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hub.policies import overrides
from hub.policies.place import Place
from hub.policies.remask import Hook, Rewritten, no_hook
from hub.sync.batch import BatchRequest, BatchResult, Engine, sync_batch
from hub.sync.stages import StageHook
from hub.sync.stages import no_hook as no_stage
from kvkk_policies.freetext import Detector
from kvkk_policies.override import Override
from kvkk_policies.tightening import Tightening
from tests.fixtures.siparis import PROVIDER
from tests.support.shop import NoDetector, add_shop, open_remasker_of

POLICY = """
provider: siparis
version: 1

x-fact: &fact { category: MUSTERI, legal_basis: contract, retention: P10Y, action: keep }
x-contact: &contact { category: ILETISIM, legal_basis: contract, retention: P10Y, action: vault, subject: customer }

streams:
  orders:
    purpose: Siparişlerin yürütülmesi
    subject_groups: [ürün veya hizmet alan kişi]
    columns:
      order_id: *fact
      status: *fact
      ordered_at: { <<: *fact, overridable: [generalise, drop] }
      changed_at: *fact
      currency: *fact
      amount: { <<: *fact, overridable: [drop] }
      tax: *fact
      item_count: *fact
      channel: { <<: *fact, overridable: [scan, partial, drop] }
      is_gift: *fact
      delivery_day: *fact
      customer_tckn: { <<: *contact, category: KIMLIK, action: pseudonymise, kind: tckn, overridable: [keep] }
      customer_phone: { <<: *contact, kind: phone, overridable: [keep, pseudonymise, partial, drop] }
      customer_email: { <<: *contact, kind: email, overridable: [keep, drop] }
      note: { <<: *fact, action: scan, params: { vault: true }, subject: customer, overridable: [keep, drop, scan] }
"""

PHONES = ("+90 532 000 00 01", "+90 532 000 00 02", "+90 532 000 00 03")
TCKN = "10000000146"
DAY = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


def order(number: int, **changes: Any) -> dict[str, Any]:
    """One order as the shop drops it."""
    return {
        "order_id": f"S{number}",
        "status": "PAID",
        "ordered_at": DAY.isoformat(),
        "changed_at": (DAY + timedelta(minutes=number)).isoformat(),
        "amount": "125.50",
        "channel": "web",
        "customer_tckn": TCKN if number == 0 else None,
        "customer_phone": PHONES[number % 3],
        "customer_email": f"musteri{number}@ornek.com",
        "note": None,
    } | changes


@dataclass
class Shop:
    """One tenant: its orders, its rows in landing, its decisions."""

    engine: Engine
    directory: Path
    detector: Detector = field(default_factory=NoDetector)
    tenant_id: str = ""

    def __post_init__(self) -> None:
        self.tenant_id = self.tenant_id or add_shop(self.engine, self.directory)

    @staticmethod
    def of(shop: Shop, engine: Engine) -> Shop:
        """The same tenant in another process."""
        return Shop(engine, shop.directory, shop.detector, shop.tenant_id)

    def sync(self, *orders: Mapping[str, Any], hook: StageHook = no_stage, now: datetime | None = None) -> BatchResult:
        """Drop these orders and sync, now or at another time."""
        clock = None if now is None else lambda: now
        lines = "".join(json.dumps(each) + "\n" for each in orders)
        (self.directory / "orders.jsonl").write_text(lines)
        return sync_batch(self.engine, PROVIDER, BatchRequest([self.tenant_id]), run_id="run", now=clock, hook=hook)

    def decide(self, column: str, action: str, **params: Any) -> Tightening:
        """Record a choice without making good what it owes."""
        override = Override(action, "contract", "P1Y", params)  # pyright: ignore[reportArgumentType]
        return overrides.choose(
            self.engine.database, self.tenant_id, self.place(column), override, decided_by="Ayşe Yetkili"
        )

    def settle(self, hook: Hook = no_hook) -> list[Rewritten]:
        """Make good what is owed."""
        return open_remasker_of(self.engine, self.detector, hook=hook).settle(self.tenant_id)

    def choose(self, column: str, action: str, **params: Any) -> list[Rewritten]:
        """Record a choice and make good what it owes."""
        self.decide(column, action, **params)
        return self.settle()

    def take_back(self, column: str) -> list[Rewritten]:
        """Remove a choice and make good what that owes."""
        overrides.take_back(self.engine.database, self.tenant_id, self.place(column), decided_by="Ayşe Yetkili")
        return self.settle()

    def place(self, column: str) -> Place:
        """The column in the policy as it is in force."""
        return Place(PROVIDER, self.engine.policies[PROVIDER.name], "orders", column)

    def landed(self, column: str) -> list[Any]:
        """The column in landing, in order of the orders' ids."""
        return [row[0] for row in self.rows(f"SELECT {column} FROM landing.siparis_orders ORDER BY order_id")]  # noqa: S608

    def rows(self, query: str, role: Any = "loader") -> list[tuple[Any, ...]]:
        """What a role sees of the tenant."""
        with self.engine.database.tenant(self.tenant_id, role) as connection:
            return connection.execute(query.encode()).fetchall()

    def originals(self) -> dict[str, str]:
        """The vault's originals in clear, by pseudonym, opened with the subjects' keys."""
        from hub.keys.vault import original_identity

        found: dict[str, str] = {}
        for kind, pseudonym, subject, generation, sealed in self.rows(
            "SELECT kind, pseudonym, replace(subject_id::text, '-', ''), key_generation, ciphertext"
            " FROM vault.originals",
            "vault",
        ):
            key = self.engine.keyring.subjects(self.tenant_id, [subject])[subject]
            identity = original_identity(self.tenant_id, kind, pseudonym, subject, generation)
            found[pseudonym] = key.open(identity, bytes(sealed)).decode()
        return found

    def text(self, row_key: str, column: str) -> str:
        """A free text in the original."""
        from hub.keys.vault import text_identity

        ((subject, generation, sealed),) = self.rows(
            "SELECT replace(subject_id::text, '-', ''), key_generation, ciphertext FROM vault.texts"  # noqa: S608
            f" WHERE row_key = '{row_key}' AND column_name = '{column}'",
            "vault",
        )
        key = self.engine.keyring.subjects(self.tenant_id, [subject])[subject]
        identity = text_identity(self.tenant_id, "siparis.orders", row_key, column, subject, generation)
        return key.open(identity, bytes(sealed)).decode()

    def pseudonym(self, kind: str, value: str) -> str:
        """What a value becomes for this tenant."""
        from kvkk_policies.canonical import canonical

        form = canonical(kind, value)
        assert form is not None
        return self.engine.keyring.tenant(self.tenant_id).pseudonymiser().one(kind, form)

    def owed(self) -> int:
        """Debts that are not paid."""
        return len(self.rows("SELECT 1 FROM hub.policy_rewrites", "app"))
