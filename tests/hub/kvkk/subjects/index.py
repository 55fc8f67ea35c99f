"""A small subject index in words: who has which identifier, and how strongly."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.kvkk.person import Pair, Person, find_person


@dataclass
class Index:
    """One tenant's index. Subjects go by a name, or by the identifier that they stand for."""

    database: Database
    keyring: Keyring
    tenant_id: str = field(default_factory=lambda: "t" + "".join(secrets.choice("abcdefgh234567") for _ in range(11)))
    ids: dict[str, str] = field(default_factory=dict[str, str])

    def own(self, pair: Pair) -> str:
        """The subject that stands for an identifier itself."""
        return self.keyring.tenant(self.tenant_id).subject_id(*pair)

    def subject(self, who: str | Pair) -> str:
        if isinstance(who, tuple):
            return self.own(who)
        return self.ids.setdefault(who, secrets.token_hex(16))

    def has(self, who: str | Pair, strength: str, *pairs: Pair) -> str:
        """The subject has these identifiers. Returns its id."""
        subject = self.subject(who)
        with self.database.tenant(self.tenant_id, "vault") as connection:
            for kind, pseudonym in pairs:
                connection.execute(
                    "INSERT INTO vault.identifiers (tenant_id, kind, pseudonym, subject_id, strength, source)"
                    " VALUES (%s, %s, %s, %s, %s, 'test')",
                    (self.tenant_id, kind, pseudonym, UUID(subject), strength),
                )
        return subject

    def find(self, *pairs: Pair) -> Person:
        return find_person(self.database, self.keyring, self.tenant_id, pairs)

    def names(self, subjects: object) -> set[str]:
        """The names of subjects that have one."""
        by_id = {subject: name for name, subject in self.ids.items()}
        return {by_id.get(subject, subject) for subject in set(subjects)}  # type: ignore[call-overload]
