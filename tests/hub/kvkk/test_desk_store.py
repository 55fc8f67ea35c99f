"""What the desk itself has of a person goes with them, except for what an open request is answered with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from connectors.registry import PROVIDERS
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.person import Identified, Person
from hub.kvkk.stores import Hub
from hub.kvkk.stores.desk import DeskStore
from hub.settings import Settings
from kvkk_policies.policy import load_policies
from tests.conftest import MakeTenant

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PHONE = "phone_aaaaaaaaaaaaaaaaaaaaaaaaaa"
OTHER = "phone_bbbbbbbbbbbbbbbbbbbbbbbbbb"


@pytest.fixture
def hub(settings: Settings, database: Database) -> Hub:
    return Hub(database, Keyring(database, read_master_key(settings.master_key_file)), PROVIDERS, load_policies())


def request(database: Database, tenant_id: str, state: str, pseudonym: str) -> UUID:
    """A request with everything that names its applicant, and a package for it."""
    request_id = uuid4()
    over = state == "closed"
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.requests (tenant_id, request_id, type, state, outcome, channel, contact_cipher,"
            " content_cipher, received_at, due_at, answered_at, created_by)"
            " VALUES (%s, %s, 'access', %s, %s, 'web', 'sealed', 'sealed', %s, %s, %s, 'test')",
            (tenant_id, request_id, state, "accepted" if over else None, NOW, NOW, NOW if over else None),
        )
        connection.execute(
            "INSERT INTO hub.request_identifiers (tenant_id, request_id, kind, pseudonym) VALUES (%s, %s, 'phone', %s)",
            (tenant_id, request_id, pseudonym),
        )
        connection.execute(
            "INSERT INTO hub.exports (tenant_id, request_id, state, file_name, sealed_key, link_hash)"
            " VALUES (%s, %s, 'ready', %s, 'sealed', 'hashed')",
            (tenant_id, request_id, f"{request_id}.zip"),
        )
    return request_id


def test_closed_requests_packages_and_identifiers_go_and_open_ones_can_still_be_answered(
    hub: Hub, make_tenant: MakeTenant, tmp_path: Path
) -> None:
    tenant_id = make_tenant()
    closed, opened = (request(hub.database, tenant_id, state, PHONE) for state in ("closed", "in_progress"))
    others = request(hub.database, tenant_id, "closed", OTHER)
    for each in (closed, opened, others):
        (tmp_path / f"{each}.zip").write_bytes(b"package")
    subject = hub.keyring.tenant(tenant_id).subject_id("phone", PHONE)
    whom = Person(tenant_id, {subject: "strong"}, frozenset(), frozenset({Identified("phone", PHONE, "weak")}))
    store = DeskStore(hub, tmp_path)
    assert {held.dataset: held.records for held in store.find(whom)} == {
        "hub.requests": 1,
        "hub.exports": 2,
        "hub.request_identifiers": 2,
    }

    store.erase(whom, before=NOW)

    assert store.verify(whom, before=NOW) == 0
    with hub.database.tenant(tenant_id, "app") as connection:
        sealed = dict(connection.execute("SELECT request_id, contact_cipher IS NOT NULL FROM hub.requests").fetchall())
        named = connection.execute("SELECT request_id, pseudonym FROM hub.request_identifiers").fetchall()
        packages = dict(connection.execute("SELECT request_id, sealed_key IS NOT NULL FROM hub.exports").fetchall())
    assert sealed == {closed: False, opened: True, others: True}
    assert named == [(others, OTHER)]
    assert packages == {closed: False, opened: False, others: True}
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{others}.zip"]
