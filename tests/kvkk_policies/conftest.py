"""A small invented provider whose policy uses every action."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Column, Row, Snapshot, Stream
from kvkk_policies.detect import ColumnScanner
from kvkk_policies.gate import Gate, Gated, Override
from kvkk_policies.policy import ProviderPolicy, load_policies
from kvkk_policies.pseudonym import Pseudonymiser

POLICY = """
provider: shop
version: 3

x-technical: &technical { category: NONE, retention: P10Y, action: keep }
x-contact: &contact
  category: ILETISIM
  legal_basis: contract
  retention: P10Y
  action: vault
  subject: customer

streams:
  orders:
    purpose: Sipariş takibi
    subject_groups: [ürün veya hizmet alan kişi]
    columns:
      order_id: *technical
      changed_at: *technical
      amount: *technical
      paid: *technical
      day: *technical
      extra: *technical
      phone: { <<: *contact, kind: phone, params: { keep_matching: '^\\d{2,5}$' }, overridable: [keep, drop] }
      email: { <<: *contact, kind: email, action: pseudonymise }
      tckn: { <<: *contact, category: KIMLIK, kind: tckn, action: pseudonymise }
      tax_number: { <<: *contact, category: KIMLIK, kind: tax_number, action: pseudonymise, subject: payer }
      name: { <<: *contact, category: KIMLIK, kind: name }
      plate: { <<: *contact, category: LOKASYON, kind: plate, action: partial, params: { show: province } }
      card: { <<: *contact, category: FINANS, kind: card, action: partial, params: { first: 6, last: 4 } }
      latitude: { <<: *contact, category: LOKASYON, action: generalise, params: { to: place } }
      seen_at: { <<: *contact, category: LOKASYON, action: generalise, params: { to: time, unit: day } }
      born: { <<: *contact, category: KIMLIK, action: generalise, params: { to: year } }
      score: { <<: *contact, category: FINANS, action: generalise, params: { to: band, edges: [500, 1000, 1500] } }
      ip: { <<: *contact, category: ISLEM_GUV, action: generalise, params: { to: ip } }
      address: { <<: *contact, action: generalise, params: { to: district } }
      bin: { <<: *contact, category: FINANS, action: generalise, params: { to: prefix, length: 6 } }
      health: { category: SAGLIK, legal_basis: s_health_service, retention: P1Y, action: drop }
      note: { <<: *contact, category: MUSTERI, action: scan, params: { vault: true } }
      remark: { <<: *contact, category: MUSTERI, action: scan }
"""

ORDERS = Stream(
    name="orders",
    title="Orders",
    description="Invented orders",
    columns=(
        Column("order_id", "text", "The order", nullable=False),
        Column("changed_at", "timestamp", "Version"),
        Column("amount", "decimal", "Amount"),
        Column("paid", "bool", "Whether paid"),
        Column("day", "date", "Day"),
        Column("extra", "json", "Anything"),
        Column("phone", "text", "Phone"),
        Column("email", "text", "E-mail"),
        Column("tckn", "text", "Identity number"),
        Column("tax_number", "text", "Tax number"),
        Column("name", "text", "Name"),
        Column("plate", "text", "Plate"),
        Column("card", "text", "Card"),
        Column("latitude", "decimal", "Latitude"),
        Column("seen_at", "timestamp", "When seen"),
        Column("born", "date", "Birth date"),
        Column("score", "int", "Score"),
        Column("ip", "text", "Internet address"),
        Column("address", "text", "Address"),
        Column("bin", "text", "Card prefix"),
        Column("health", "text", "Health"),
        Column("note", "text", "Note"),
        Column("remark", "text", "Remark"),
    ),
    key=("order_id",),
    plan=Snapshot(),
    version="changed_at",
)

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))


@pytest.fixture
def policies(tmp_path: Path) -> dict[str, ProviderPolicy]:
    (tmp_path / "shop.yaml").write_text(POLICY, encoding="utf-8")
    return load_policies(tmp_path)


@pytest.fixture
def stream() -> Stream:
    return ORDERS


@pytest.fixture
def key() -> bytes:
    return KEY


@pytest.fixture
def other_key() -> bytes:
    return OTHER_KEY


@pytest.fixture
def gated(policies: dict[str, ProviderPolicy]) -> Callable[..., Gated]:
    """Applies the gate to rows of the invented stream; rows need no more than the fields under test."""

    def apply(
        *rows: Row, overrides: dict[str, Override] | None = None, detector: Any = None, key: bytes = KEY
    ) -> Gated:
        numbered = [{"order_id": str(number), **row} for number, row in enumerate(rows)]
        gate = Gate(policies, detector or ColumnScanner())
        return gate.apply(
            provider="shop", stream=ORDERS, rows=numbered, pseudonymiser=Pseudonymiser(key), overrides=overrides
        )

    return apply
