"""An installation that loads, erases and is looked at from outside, for the proof of restores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import Row
from connectors.registry import PROVIDERS
from connectors.secret import Secret
from hub.control import grounds
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.vault import Vault, original_identity
from hub.kvkk.audit import Actor
from hub.kvkk.erasure.open import open_eraser
from hub.kvkk.erasure.run import Mandate
from hub.kvkk.person import find_person
from hub.settings import Settings
from hub.sync.batch import Engine
from kvkk_policies.detect import ColumnScanner
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies
from tests.proofs.identity import Identity
from tests.proofs.stores import CLUSTERS, tables
from tests.support.telling import Told

OPERATOR = Actor("Ayşe Yetkili", "operator")
LONG_AGO = datetime.now(UTC) - timedelta(days=3)


def told_of(people: Sequence[Identity]) -> Told:
    """What two providers tell: who is whose customer, and who called."""
    customers: list[Row] = []
    calls: list[Row] = []
    for who in people:
        given, surname = who.name.split(" ")
        customers.append(
            {
                "reference_code": f"musteri-{who.label}",
                "created_date": LONG_AGO,
                "status": "ACTIVE",
                "name": given,
                "surname": surname.upper(),
                "identity_number": who.tckn,
                "email": who.email.upper(),
                "gsm_number": f"+90{who.phone}",
                "billing_city": "İstanbul",
            }
        )
        calls.append(
            {
                "call_id": f"cagri-{who.label}",
                "customer_phone": f"90{who.phone}",
                "caller_kind": "external",
                "callee_kind": "external",
                "direction": "IN",
                "call_time": LONG_AGO,
                "answered": True,
                "in_progress": False,
                "talk_seconds": 61,
            }
        )
    return {"iyzico.subscription_customers": customers, "bulutfon.calls": calls}


@dataclass
class Site:
    """An installation: its settings and an engine on it."""

    settings: Settings
    engine: Engine

    @property
    def database(self) -> Database:
        return self.engine.database

    def pairs(self, tenant_id: str, who: Identity) -> list[tuple[str, str]]:
        """Kinds and pseudonyms of a person's identifiers."""
        named: dict[Any, str] = {"tckn": who.tckn, "phone": f"0{who.phone}", "email": who.email}
        keyring = self.engine.keyring
        return [
            (kind, grounds.subject_pseudonym(keyring, tenant_id, kind, Secret(value))) for kind, value in named.items()
        ]

    def erase(self, tenant_id: str, who: Identity) -> set[str]:
        """Erase a person on request; their subjects."""
        engine = self.engine
        person = find_person(engine.database, engine.keyring, tenant_id, self.pairs(tenant_id, who))
        eraser = open_eraser(engine.database, engine.keyring, PROVIDERS, engine.policies)
        assert eraser.erase(person, Mandate(OPERATOR)).outcome in ("erased", "partly")
        return set(person.subjects)

    def found(self, words: Sequence[str]) -> dict[str, set[str]]:
        """The tables of any database in which the words stand, with the words."""
        found: dict[str, set[str]] = {}
        for cluster in CLUSTERS:
            for name, pieces in tables(self.settings, cluster):
                content = b"\n".join(pieces)
                its = {word for word in words if word.encode() in content}
                if its and "pg_catalog" not in name:
                    found[name] = its
        return found

    def originals(self, tenant_id: str) -> str:
        """Whatever of the vault can be read, one original a line."""
        with self.database.tenant(tenant_id, "vault") as connection:
            rows = connection.execute(
                "SELECT kind, pseudonym, replace(subject_id::text, '-', ''), key_generation, ciphertext"
                " FROM vault.originals ORDER BY 1, 2, 3"
            ).fetchall()
        keys = self.engine.keyring.subjects(tenant_id, {row[2] for row in rows})
        return "\n".join(
            keys[subject]
            .open(original_identity(tenant_id, kind, pseudonym, subject, generation), bytes(sealed))
            .decode()
            for kind, pseudonym, subject, generation, sealed in rows
        )

    def landed(self, tenant_id: str, table: str, column: str) -> list[Any]:
        """A column of the tenant's landed rows, empty ones too."""
        with self.database.tenant(tenant_id, "loader") as connection:
            rows = connection.execute(f"SELECT {column} FROM landing.{table}".encode())  # noqa: S608 - our own words
            return [row[0] for row in rows]


def site(settings: Settings) -> Site:
    database = Database(settings)
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    policies = load_policies()
    return Site(
        settings, Engine(database, keyring, Vault(database, keyring), Gate(policies, ColumnScanner()), policies)
    )
