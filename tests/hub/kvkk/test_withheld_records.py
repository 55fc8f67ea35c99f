"""What statutes keep of erased people: listed without values, read by whom the tenant permits, all of it on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk import reveal as revealing
from hub.kvkk.audit import Actor
from hub.kvkk.audit_listing import entries
from hub.kvkk.erasure import withheld_records
from hub.kvkk.erasure.withheld import SEALED_FOR, identity_of
from hub.kvkk.reveal import Stated

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings

AYSE, CAN = Actor("ayse", "operator"), Actor("can", "operator")
STREAM, RECORD = "iyzico.settlement_files", "2026-02-01|4711"
KEPT = {"buyer_name": "Nazlı", "buyer_surname": "Gürdağ"}


@dataclass
class Archive:
    database: Database
    keyring: Keyring
    tenant: str
    erasure_id: UUID

    def read(
        self,
        actor: Actor = AYSE,
        *,
        why: str = "authority_request",
        reference: str = "T-1",
        stream: str = STREAM,
        record: str = RECORD,
    ) -> dict[str, str]:
        stated = Stated(actor, why, reference)
        found = withheld_records.read(self.database, self.keyring, self.tenant, stream, record, stated)
        return {each.column: each.value for each in found}

    def permit(self, per_hour: int | None = None) -> None:
        revealing.permit(self.database, self.tenant, AYSE.name, actor=CAN, per_hour=per_hour)

    def log(self) -> list[tuple[str, str, str]]:
        return [(each.action, each.object, each.result) for each in entries(self.database, self.tenant)]


@pytest.fixture
def archive(settings: Settings, database: Database, make_tenant: Callable[[], str]) -> Archive:
    """A tenant that keeps a payer's name of one record."""
    tenant, erasure_id = make_tenant(), uuid4()
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    with database.tenant(tenant, "vault") as connection:
        for column, value in KEPT.items():
            sealed = keyring.tenant(tenant).seal(SEALED_FOR, identity_of(STREAM, RECORD, column), value.encode())
            connection.execute(
                "INSERT INTO vault.withheld (tenant_id, stream, row_key, column_name, erasure_id, article, category,"
                " due_on, ciphertext) VALUES (%s, %s, %s, %s, %s, 'TTK 6102 m. 82/1-d, 82/5', 'KIMLIK', %s, %s)",
                (tenant, STREAM, RECORD, column, erasure_id, date(2037, 1, 1), sealed),
            )
    return Archive(database, keyring, tenant, erasure_id)


def test_the_list_says_where_why_and_until_when_and_no_value(archive: Archive) -> None:
    found = withheld_records.listed(archive.database, archive.tenant)

    assert [(each.stream, each.record, each.column, each.category, each.due_on, each.erasure_id) for each in found] == [
        (STREAM, RECORD, column, "KIMLIK", date(2037, 1, 1), archive.erasure_id) for column in KEPT
    ]
    assert {each.article for each in found} == {"TTK 6102 m. 82/1-d, 82/5"}
    assert not any(value in str(found) for value in KEPT.values())
    assert withheld_records.listed(archive.database, archive.tenant, stream="iyzico.payments") == []


def test_nobody_reads_until_the_tenant_permits_it(archive: Archive) -> None:
    with pytest.raises(HubError, match="reveal_not_permitted"):
        archive.read()
    assert archive.log() == [("withheld_read", f"vault.withheld/{STREAM}/{RECORD}", "reveal_not_permitted")]


def test_whoever_is_permitted_reads_a_record_and_the_log_says_which_and_why(archive: Archive) -> None:
    archive.permit()
    assert archive.read() == KEPT

    line = list(entries(archive.database, archive.tenant))[-1]
    assert (line.action, line.object, line.result) == ("withheld_read", f"vault.withheld/{STREAM}/{RECORD}", "ok")
    assert (line.actor, line.purpose, line.legal_basis) == ("ayse", "authority_request", "law")
    assert line.details == {"reference": "T-1"}
    assert not any(value in str(line) for value in KEPT.values())


def test_these_and_single_values_are_counted_under_one_limit(archive: Archive) -> None:
    archive.permit(per_hour=2)
    archive.read()
    with pytest.raises(HubError, match="reveal_nothing"):
        revealing.reveal(
            archive.database,
            archive.keyring,
            archive.tenant,
            "phone_" + "a" * 26,
            why="dispute",
            reference="T-2",
            actor=AYSE,
        )
    with pytest.raises(HubError, match="reveal_too_often"):
        archive.read()


def test_what_was_typed_and_nothing_is_kept_of_stays_out_of_the_log(archive: Archive) -> None:
    archive.permit()
    for stream, record in ((STREAM, "Nazlı Gürdağ"), ("Nazlı Gürdağ", RECORD)):
        with pytest.raises(HubError, match="withheld_nothing"):
            archive.read(stream=stream, record=record)
    assert [line for line in archive.log() if line[0] == "withheld_read"] == [
        ("withheld_read", "vault.withheld", "ok")
    ] * 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"why": "curiosity"}, "reveal_purpose_unknown"),
        ({"reference": "Ayşe Işık"}, "reveal_reference_malformed"),
        ({"reference": "10000000146"}, "reveal_reference_malformed"),
    ],
)
def test_a_purpose_and_a_reference_are_stated_as_for_a_reveal(
    archive: Archive, changed: dict[str, str], code: str
) -> None:
    archive.permit()
    with pytest.raises(HubError, match=code):
        archive.read(**changed)  # pyright: ignore[reportArgumentType]
    assert [line for line in archive.log() if line[0] == "withheld_read"] == []


def test_what_another_tenant_keeps_is_not_there(archive: Archive, make_tenant: Callable[[], str]) -> None:
    other = Archive(archive.database, archive.keyring, make_tenant(), archive.erasure_id)
    other.permit()
    assert withheld_records.listed(other.database, other.tenant) == []
    with pytest.raises(HubError, match="withheld_nothing"):
        other.read()


def test_a_value_that_was_moved_to_another_record_does_not_open(archive: Archive) -> None:
    archive.permit()
    with archive.database.tenant(archive.tenant, "vault") as connection:
        connection.execute(
            "INSERT INTO vault.withheld SELECT tenant_id, stream, '2026-02-01|4712', column_name, erasure_id, article,"
            " category, due_on, ciphertext FROM vault.withheld WHERE column_name = 'buyer_name'"
        )
    with pytest.raises(HubError, match="ciphertext_invalid"):
        archive.read(record="2026-02-01|4712")
