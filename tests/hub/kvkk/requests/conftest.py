"""A tenant with a subject index of its own, and a desk that takes applications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from connectors.secret import Secret
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import Actor
from hub.kvkk.requests import identity, opening, record
from hub.kvkk.requests.new_request import NewRequest
from hub.kvkk.requests.record import Request
from hub.kvkk.requests.transitions import DESK

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.kvkk.requests.vocabulary import IdentityMethod
    from hub.settings import Settings

TCKN, OTHER_TCKN = "10000000146", "10000000078"
PHONE, EMAIL, PLATE = "0532 000 00 01", "ayse@ornek.invalid", "34 ABC 123"
NAME = "Ayşe Denemeoğlu"
RECEIVED = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)
"""23:30 in Istanbul."""
LATER = RECEIVED + timedelta(hours=1)


@dataclass
class DeskOf:
    """One tenant's desk. Times are given, never read from a clock."""

    database: Database
    keyring: Keyring
    tenant_id: str
    actor: Actor = field(default_factory=lambda: Actor("memur", DESK))

    def open(self, type_: str = "access", identifiers: dict[str, str] | None = None, **fields: Any) -> Request:
        new = NewRequest.model_validate(
            {
                "type": type_,
                "channel": "written",
                "received_at": RECEIVED,
                "contact": {"name": NAME, "email": EMAIL},
                "text": "Verilerimi öğrenmek istiyorum.",
            }
            | fields
        )
        pseudonyms = self.pseudonyms(identifiers or {"tckn": TCKN})
        return opening.open_request(
            self.database, self.keyring, self.tenant_id, new, pseudonyms, actor=self.actor, now=LATER
        )

    def pseudonyms(self, identifiers: dict[str, str]) -> list[tuple[str, str]]:
        return opening.pseudonyms(
            self.keyring, self.tenant_id, [(kind, Secret(value)) for kind, value in identifiers.items()]
        )

    def identify(self, request: Request, method: IdentityMethod = "in_person", **more: Any) -> Request:
        return identity.identify(
            self.database,
            self.keyring,
            self.tenant_id,
            request.request_id,
            method,
            actor=self.actor,
            now=LATER,
            **more,
        )

    def knows(self, anchor: tuple[str, str], *others: tuple[str, str], strength: str = "weak") -> str:
        """Put a subject into the index: anchored by its first identifier, strongly, the others as said."""
        (kind, pseudonym), *rest = self.pseudonyms(dict([anchor])) + self.pseudonyms(dict(others))
        subject = self.keyring.tenant(self.tenant_id).subject_id(kind, pseudonym)
        with self.database.tenant(self.tenant_id, "vault") as connection:
            for position, each in enumerate([(kind, pseudonym), *rest]):
                connection.execute(
                    "INSERT INTO vault.identifiers (tenant_id, kind, pseudonym, subject_id, strength, source)"
                    " VALUES (%s, %s, %s, %s, %s, 'test') ON CONFLICT DO NOTHING",
                    (self.tenant_id, *each, subject, strength if position else "strong"),
                )
        return subject

    def read(self, request_id: UUID) -> Request:
        with self.database.tenant(self.tenant_id, "app") as connection:
            return record.read(connection, self.tenant_id, request_id)

    def history(self, request_id: UUID) -> list[str]:
        with self.database.tenant(self.tenant_id, "app") as connection:
            return [each.event for each in record.events(connection, self.tenant_id, request_id)]

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.database.tenant(self.tenant_id, "app") as connection:
            return connection.execute(query, parameters or None).fetchall()  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


@pytest.fixture
def make_desk(database: Database, keyring: Keyring, make_tenant: Callable[..., str]) -> Callable[..., DeskOf]:
    def make(**columns: Any) -> DeskOf:
        return DeskOf(database, keyring, make_tenant(**columns))

    return make


@pytest.fixture
def desk(make_desk: Callable[..., DeskOf]) -> DeskOf:
    return make_desk()
