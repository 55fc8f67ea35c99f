"""Whom a request's erasure reaches: what was included, what the person named, and nothing that a reviewer left out."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from hub.db.database import Database
from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.erasure.handle import concerned, note_outcome
from hub.kvkk.erasure.run import Report
from hub.kvkk.holds import Hold
from hub.settings import Settings
from tests.conftest import MakeTenant

PAIR = ("phone", "phone_aaaaaaaaaaaaaaaaaaaaaaaaaa")
UNVERIFIED = ("email", "email_bbbbbbbbbbbbbbbbbbbbbbbbbb")


@pytest.fixture
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


def request(
    database: Database, tenant_id: str, decisions: dict[str, str], type_: str = "erase", state: str = "in_progress"
) -> UUID:
    request_id = uuid4()
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.requests (tenant_id, request_id, type, state, channel, received_at, due_at, created_by)"
            " VALUES (%s, %s, %s, %s, 'web', now(), now(), 'test')",
            (tenant_id, request_id, type_, state),
        )
        for (kind, pseudonym), verified in ((PAIR, True), (UNVERIFIED, False)):
            connection.execute(
                "INSERT INTO hub.request_identifiers VALUES (%s, %s, %s, %s, %s)",
                (tenant_id, request_id, kind, pseudonym, verified),
            )
        for subject, decision in decisions.items():
            connection.execute(
                "INSERT INTO hub.request_subjects (tenant_id, request_id, subject_id, reached_by, decision)"
                " VALUES (%s, %s, %s, 'weak', %s)",
                (tenant_id, request_id, subject, decision),
            )
    return request_id


def test_included_subjects_and_verified_identifiers_are_meant_and_others_are_not(
    database: Database, keyring: Keyring, make_tenant: MakeTenant
) -> None:
    tenant_id = make_tenant()
    included, excluded, waiting = (uuid4().hex for _ in range(3))
    own = keyring.tenant(tenant_id).subject_id(*PAIR)
    decisions = {included: "included", excluded: "excluded", waiting: "review"}

    meant = concerned(database, keyring, tenant_id, request(database, tenant_id, decisions))
    assert meant.subjects.keys() == {included, own}
    assert meant.pseudonyms == {PAIR[1]}
    assert meant.uncertain == {excluded, waiting}

    meant = concerned(database, keyring, tenant_id, request(database, tenant_id, decisions | {own: "excluded"}))
    assert meant.subjects.keys() == {included}
    assert meant.pseudonyms == set()


@pytest.mark.parametrize(("type_", "state"), [("access", "in_progress"), ("erase", "identity_check")])
def test_nobody_is_meant_by_a_request_for_something_else_or_one_that_nobody_has_started(
    database: Database, keyring: Keyring, make_tenant: MakeTenant, type_: str, state: str
) -> None:
    tenant_id = make_tenant()
    request_id = request(database, tenant_id, {uuid4().hex: "included"}, type_, state)

    with pytest.raises(HubError, match="request_not_to_erase"):
        concerned(database, keyring, tenant_id, request_id)


def test_the_request_is_told_the_ground_and_the_day_of_a_hold(database: Database, make_tenant: MakeTenant) -> None:
    tenant_id = make_tenant()
    request_id = request(database, tenant_id, {})
    now, until = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 2, 3, tzinfo=UTC)

    def hold(ground: str, end: datetime | None) -> Hold:
        return Hold(uuid4(), "tenant", "*", "litigation", ground, now, end, "test", now, None)

    def told(*holds: Hold) -> object:
        note_outcome(database, tenant_id, request_id, Report("refused", blocked_by=holds))
        with database.tenant(tenant_id, "app") as connection:
            return connection.execute(
                "SELECT refusal_code, refusal_article, destruction_due::text FROM hub.requests"
            ).fetchone()

    assert told(hold("2026/1 E.", until), hold("2026/1 E.", until)) == ("legal_hold", "2026/1 E.", "2027-02-03")
    assert told(hold("2026/1 E.", until), hold("2026/2 E.", None)) == ("legal_hold", "2026/1 E.; 2026/2 E.", None)
