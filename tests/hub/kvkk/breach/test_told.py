"""Proof that the persons were told: for each of them, or by a publication for all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from hub.errors import HubError
from hub.kvkk.breach.overview import overview
from hub.kvkk.breach.subjects import Concerned, concerned
from hub.kvkk.breach.told import tell_persons
from tests.hub.kvkk.breach.conftest import ACTOR, LEARNED

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.breach.record import Breach
    from tests.hub.kvkk.breach.conftest import Begin

NOW = LEARNED + timedelta(hours=30)
PEOPLE = sorted(uuid4() for _ in range(3))


@pytest.fixture
def found(database: Database, begin: Begin) -> tuple[str, Breach]:
    tenant, breach = begin()
    with database.tenant(tenant, "app") as connection:
        connection.execute(
            "INSERT INTO hub.breach_subjects (tenant_id, breach_id, subject_id, found_by)"
            " SELECT %s, %s, unnest(%s::uuid[]), 'audit'",
            (tenant, breach.breach_id, PEOPLE),
        )
    return tenant, breach


def tell(database: Database, found: tuple[str, Breach], evidence: Any, **given: Any) -> int:
    tenant, breach = found
    options: dict[str, Any] = {"how": "direct", "at": None, "now": NOW} | given
    return tell_persons(database, tenant, breach.breach_id, evidence=evidence, actor=ACTOR, **options)


def people(database: Database, found: tuple[str, Breach]) -> dict[UUID, Concerned]:
    return {each.subject_id: each for each in concerned(database, found[0], found[1].breach_id, actor=ACTOR)}


def notified(database: Database, keyring: Keyring, found: tuple[str, Breach]) -> datetime | None:
    tenant, breach = found
    return overview(database, keyring, tenant, breach.breach_id, actor=ACTOR).breach.persons_notified_at


def test_each_person_has_a_proof_and_the_last_one_settles_it(
    database: Database, keyring: Keyring, found: tuple[str, Breach]
) -> None:
    first, second, third = PEOPLE
    assert tell(database, found, {first: "posta-1", second: "posta-2"}) == 2
    assert notified(database, keyring, found) is None
    later = NOW + timedelta(hours=1)
    assert tell(database, found, {second: "posta-9", third: "posta-3"}, now=later) == 1
    told = people(database, found)
    assert [told[each].evidence_ref for each in PEOPLE] == ["posta-1", "posta-2", "posta-3"]
    assert [told[each].told_at for each in PEOPLE] == [NOW, NOW, later]
    assert notified(database, keyring, found) == later


def test_a_publication_is_a_proof_for_everybody_who_waits(
    database: Database, keyring: Keyring, found: tuple[str, Breach]
) -> None:
    assert tell(database, found, {PEOPLE[0]: "posta-1"}) == 1
    assert tell(database, found, "https://ornek.com.tr/ihlal", how="publication") == 2
    assert {each.evidence_ref for each in people(database, found).values()} == {
        "posta-1",
        "https://ornek.com.tr/ihlal",
    }
    assert notified(database, keyring, found) == NOW


def test_a_stranger_in_the_file_leaves_everybody_untold(database: Database, found: tuple[str, Breach]) -> None:
    with pytest.raises(HubError, match="breach_subject_unknown"):
        tell(database, found, {PEOPLE[0]: "posta-1", uuid4(): "posta-2"})
    assert {each.told_at for each in people(database, found).values()} == {None}


def test_nobody_was_told_before_it_was_known(database: Database, found: tuple[str, Breach]) -> None:
    with pytest.raises(HubError, match="breach_told_when_wrong"):
        tell(database, found, "posta-1", at=LEARNED - timedelta(minutes=1))


def test_a_list_of_nobody_settles_nothing(database: Database, keyring: Keyring, begin: Begin) -> None:
    empty = begin()
    assert tell(database, empty, {}) == 0
    assert notified(database, keyring, empty) is None
