"""Originals are read for a purpose, after the log has said so, and only as the rows they were written for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from hub.db.database import Database
from hub.errors import HubError
from hub.keys import originals
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.originals import OpenedOriginal, Originals, Reading
from hub.keys.vault import Known, Vault
from hub.kvkk.audit import Actor
from hub.kvkk.audit_listing import entries
from hub.settings import Settings
from kvkk_policies.gated import Gated, Identifier, Original, TextOriginal

MakeTenant = Callable[..., str]
TABLE = "siparis.orders"
ACTOR = Actor("desk", "operator")


@pytest.fixture
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


class Kept:
    """A tenant with a person's phone, e-mail and note in the vault."""

    def __init__(self, database: Database, keyring: Keyring, tenant_id: str) -> None:
        self.database, self.keyring, self.tenant_id = database, keyring, tenant_id
        make = keyring.tenant(tenant_id).pseudonymiser().one
        self.phone, self.email = make("phone", "+905320001122"), make("email", "ayse@ornek.com")
        anchor = ("phone", self.phone)
        self.subject = keyring.tenant(tenant_id).subject_id(*anchor)
        gated = Gated(
            table=None,  # pyright: ignore[reportArgumentType] - the vault does not look at it
            undeclared={},
            masked={},
            texts_dropped=0,
            originals=[
                Original("phone", self.phone, anchor, "0532 000 11 22"),
                Original("email", self.email, anchor, "Ayse@Ornek.com"),
            ],
            identifiers=[Identifier("phone", self.phone, anchor, "weak", "customer_phone")],
            texts=[TextOriginal("note", "S1", anchor, "0532 000 11 22 aradı")],
        )
        Vault(database, keyring).store(tenant_id, TABLE, gated, Known())

    def reading(self, purpose: str = "subject_request") -> Reading:
        return Reading(ACTOR, purpose, f"subject:{self.subject}", uuid4())

    def reader(self) -> Originals:
        return Originals(self.database, self.keyring)

    def values(self) -> dict[str, str | None]:
        found = self.reader().of_subjects(self.tenant_id, [self.subject], self.reading())
        return {each.pseudonym: each.value for each in found}

    def entries(self) -> list[tuple[Any, ...]]:
        with self.database.tenant(self.tenant_id, "app") as connection:
            return connection.execute(
                "SELECT action, purpose, object, count, request_id, details FROM hub.audit_log ORDER BY seq"
            ).fetchall()

    def vault(self, statement: str, *given: Any) -> None:
        with self.database.tenant(self.tenant_id, "vault") as connection:
            connection.execute(statement.encode(), given)


@pytest.fixture
def kept(database: Database, keyring: Keyring, make_tenant: MakeTenant) -> Kept:
    return Kept(database, keyring, make_tenant())


def test_a_persons_originals_come_as_they_were_spelled(kept: Kept) -> None:
    assert kept.values() == {kept.phone: "0532 000 11 22", kept.email: "Ayse@Ornek.com"}


def test_originals_come_in_batches_each_with_an_entry_of_its_own(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originals, "AT_ONCE", 1)

    assert len(kept.values()) == 2

    assert [entry[3] for entry in kept.entries()] == [1, 1]


def test_the_log_says_who_read_how_much_for_which_purpose(kept: Kept) -> None:
    reading = kept.reading()

    assert len(list(kept.reader().named(kept.tenant_id, [("phone", kept.phone)], reading))) == 1

    ((action, purpose, about, count, request_id, details),) = kept.entries()
    assert (action, purpose, about, count) == ("original_read", "subject_request", f"subject:{kept.subject}", 1)
    assert request_id == reading.request_id
    assert details == {"source": "vault.originals"}


def test_without_a_known_purpose_nothing_is_read(kept: Kept) -> None:
    reading = kept.reading("curiosity")
    for read in (
        kept.reader().of_subjects(kept.tenant_id, [kept.subject], reading),
        kept.reader().named(kept.tenant_id, [("phone", kept.phone)], reading),
        kept.reader().texts(kept.tenant_id, TABLE, ["S1"], reading),
    ):
        with pytest.raises(HubError, match="read_purpose_unknown"):
            next(read)

    assert [(line.action, line.object, line.count, line.result) for line in entries(kept.database, kept.tenant_id)] == [
        ("original_read", f"subject:{kept.subject}", 0, "read_purpose_unknown")
    ] * 3
    assert "curiosity" not in str(kept.entries())


def test_what_the_vault_does_not_have_is_neither_found_nor_logged(kept: Kept) -> None:
    assert list(kept.reader().named(kept.tenant_id, [("phone", "phone_nobody")], kept.reading())) == []
    assert kept.entries() == []


def test_the_entry_stands_before_anything_is_opened_and_outlives_a_crash(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        assert len(kept.entries()) == 1  # committed: another connection sees it
        raise MemoryError

    monkeypatch.setattr(originals, "_open", crash)
    with pytest.raises(MemoryError):
        kept.values()

    assert len(kept.entries()) == 1


def test_texts_are_read_by_row_and_logged(kept: Kept) -> None:
    (text,) = kept.reader().texts(kept.tenant_id, TABLE, ["S1", "S2"], kept.reading())

    assert (text.row_key, text.column, text.value) == ("S1", "note", "0532 000 11 22 aradı")
    assert kept.entries()[0][5] == {"source": "vault.texts"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vault.originals SET ciphertext = set_byte(ciphertext, 20, 255 - get_byte(ciphertext, 20))",
        "UPDATE vault.originals o SET ciphertext = p.ciphertext FROM vault.originals p WHERE o.kind <> p.kind",
        "UPDATE vault.originals SET ciphertext = 'short'",
    ],
    ids=["altered", "transplanted", "cut"],
)
def test_a_ciphertext_that_was_tampered_with_fails_by_name(kept: Kept, statement: str) -> None:
    kept.vault(statement)

    with pytest.raises(HubError, match="ciphertext_invalid"):
        kept.values()


def test_a_text_moved_to_another_row_fails_by_name(kept: Kept) -> None:
    kept.vault("UPDATE vault.texts SET row_key = 'S2'")

    with pytest.raises(HubError, match="ciphertext_invalid"):
        list(kept.reader().texts(kept.tenant_id, TABLE, ["S2"], kept.reading()))


def test_another_tenant_sees_none_of_it(kept: Kept, make_tenant: MakeTenant) -> None:
    assert list(kept.reader().of_subjects(make_tenant(), [kept.subject], kept.reading())) == []


def test_what_was_under_a_destroyed_key_is_marked_and_no_key_is_made_for_it(kept: Kept, database: Database) -> None:
    with database.tenant_keys(kept.tenant_id) as connection:
        connection.execute("UPDATE keys.subject_keys SET wrapped_key = NULL, destroyed_at = now()")

    assert kept.values() == {kept.phone: None, kept.email: None}
    (text,) = kept.reader().texts(kept.tenant_id, TABLE, ["S1"], kept.reading())
    assert text.value is None
    with database.tenant_keys(kept.tenant_id) as connection:
        assert connection.execute("SELECT count(*) FROM keys.subject_keys").fetchone() == (1,)


def test_an_original_does_not_print_itself() -> None:
    assert "0532" not in repr(OpenedOriginal("phone", "phone_x", "s", "0532 000 11 22"))
