"""A tenant's key is rotated while others read and write: nothing is lost, and nothing stays under the old one."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hub.errors import HubError
from hub.keys import resealing
from hub.keys.keyring import Keyring, TenantKeys
from hub.keys.master_key import read_master_key
from hub.keys.rotation_stages import Stage
from hub.keys.sealed import (
    NO_CIPHERTEXT,
    UNDER_DAILY_KEYS,
    UNDER_OWN_KEYS,
    UNDER_SUBJECT_KEYS,
    UNDER_TENANT_KEYS,
)
from hub.keys.tenant_rotation import SETTLED_SECONDS, TenantRotated, TenantRotation
from hub.kvkk.audit import Actor
from hub.migrations.connections import outside_transaction
from hub.settings import Settings
from hub.sync.batch import BatchRequest, Engine, sync_batch
from hub.sync.outcome import PASSING
from tests.fixtures.siparis import PROVIDER
from tests.hub.keys.conftest import Worker
from tests.hub.keys.holdings import Holdings, hold
from tests.support.shop import Order, add_shop, drop, expected, landed

pytestmark = pytest.mark.long(40)

ACTOR = Actor("test", "operator")
ROOT = Path(__file__).parents[3]


def rotate(engine: Engine, tenant_id: str, keyring: Keyring | None = None, **given: Any) -> TenantRotated:
    rotation = TenantRotation(
        engine.database, keyring or engine.keyring, actor=ACTOR, **({"settled_seconds": 0} | given)
    )
    (rotated,) = rotation.rotate([tenant_id])
    return rotated


def destroyed(engine: Engine, tenant_id: str) -> list[tuple[int, bool]]:
    with engine.database.tenant_keys(tenant_id) as connection:
        return connection.execute(
            "SELECT generation, destroyed_at IS NOT NULL FROM keys.tenant_keys ORDER BY generation"
        ).fetchall()


@pytest.fixture
def held(engine: Engine, tmp_path: Path) -> Holdings:
    return hold(engine, tmp_path)


def acts(engine: Engine, tenant_id: str) -> list[str]:
    with engine.database.tenant(tenant_id, "app") as connection:
        return [row[0] for row in connection.execute("SELECT action FROM hub.audit_log ORDER BY seq")]


def test_everything_is_sealed_anew_and_the_old_key_is_destroyed(
    engine: Engine, keyring: Keyring, held: Holdings
) -> None:
    held.check(engine, engine.keyring)
    assert set(map(frozenset, held.generations(engine).values())) == {frozenset({1})}

    rotated = rotate(engine, held.tenant_id)

    assert (rotated.generation, rotated.destroyed, rotated.unreadable) == (2, 1, {})
    assert {name: count for name, count in rotated.resealed.items() if name != resealing.SUBJECT_KEYS} == {
        name: len(rows) for name, rows in held.sealed.items()
    }
    assert set(map(frozenset, held.generations(engine).values())) == {frozenset({2})}
    assert destroyed(engine, held.tenant_id) == [(1, True), (2, False)]
    held.check(engine, keyring)
    held.check(engine, engine.keyring)
    assert acts(engine, held.tenant_id) == ["key_rotation_began", "key_rotated"]

    assert rotate(engine, held.tenant_id).generation == 3
    held.check(engine, keyring)


SEAMS = [
    ("begun", 1),
    ("floor", 1),
    *(("resealed", call) for call in (1, 4, 8, 14, 18)),
    ("settled", 1),
    ("destroyed", 1),
]


def test_a_rotation_killed_anywhere_loses_nothing_and_the_next_one_ends_it(
    engine: Engine, key_settings: Settings, held: Holdings, worker: Worker
) -> None:
    generation = 1
    for stage, call in SEAMS:
        assert worker(tenants=[held.tenant_id], stage=stage, call=call) == {"signal": 9}, (stage, call)
        held.check(engine, engine.keyring)
        held.check(engine, Keyring(engine.database, read_master_key(key_settings.master_key_file)))
        if stage == "destroyed":
            generation += 1
            break
        calls = worker(tenants=[held.tenant_id])["calls"]
        generation += 1
        assert "begun" not in calls, "the second run goes on with the first one's generation"
        assert set(map(frozenset, held.generations(engine).values())) == {frozenset({generation})}, (stage, call)
        held.check(engine, engine.keyring)
    assert destroyed(engine, held.tenant_id) == [(each, each < generation) for each in range(1, generation + 1)]


def test_subjects_who_come_while_the_key_is_rotated_keep_their_keys(
    engine: Engine, key_settings: Settings, keyring: Keyring, held: Holdings
) -> None:
    """The other process knows only the old generation, and would never ask."""
    stale = Keyring(engine.database, read_master_key(key_settings.master_key_file), fresh_seconds=1e9)
    stale.tenant(held.tenant_id)
    sealed: dict[str, bytes] = {}
    numbers = iter(range(1, 100_000))
    enough = threading.Event()

    def come() -> None:
        while not enough.is_set():
            subject = f"{next(numbers):032x}"
            sealed[subject] = stale.subjects(held.tenant_id, [subject])[subject].seal("row", subject.encode())

    def wait_for_more(_stage: Stage) -> None:
        before = len(sealed)
        while len(sealed) < before + 3:
            assert thread.is_alive()

    thread = threading.Thread(target=come)
    thread.start()
    try:
        rotated = rotate(engine, held.tenant_id, keyring, hook=wait_for_more)
    finally:
        enough.set()
        thread.join()

    assert rotated.destroyed == 1
    assert held.generations(engine)["keys.subject_keys"] == {2}
    keys = keyring.subjects(held.tenant_id, sealed)
    assert {subject: keys[subject].open("row", text).decode() for subject, text in sealed.items()} == {
        subject: subject for subject in sealed
    }


def test_a_sync_that_began_before_the_rotation_goes_on(engine: Engine, tmp_path: Path, keyring: Keyring) -> None:
    tenant_id = add_shop(engine, tmp_path)
    orders = [Order(number, 1, 7) for number in range(40)]
    drop(tmp_path, "a", orders)

    def rotate_meanwhile(stage: str, _tenant_id: str) -> None:
        if stage == "gated" and len(destroyed(engine, tenant_id)) == 1:
            assert rotate(engine, tenant_id, keyring).destroyed == 1

    result = sync_batch(engine, PROVIDER, BatchRequest([tenant_id]), run_id="run-1", hook=rotate_meanwhile)

    assert result.failed == 0
    assert len(destroyed(engine, tenant_id)) == 2
    assert landed(engine, tenant_id) == expected(engine, tenant_id, orders)


def test_a_person_whose_key_is_destroyed_meanwhile_stays_forgotten(
    engine: Engine, key_settings: Settings, held: Holdings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.database.tenant_keys(held.tenant_id) as connection:
        (before,) = connection.execute("SELECT count(*) FROM keys.subject_keys").fetchone() or (0,)
    anew = resealing._anew  # pyright: ignore[reportPrivateUsage]

    def erased_just_then(keys: TenantKeys, purpose: str, identity: str, ciphertext: bytes) -> bytes | None:
        if purpose == "subject-key":
            with outside_transaction(key_settings, "keys") as admin:
                admin.execute(
                    "UPDATE keys.subject_keys SET wrapped_key = NULL, destroyed_at = now() WHERE tenant_id = %s",
                    (held.tenant_id,),
                )
        return anew(keys, purpose, identity, ciphertext)

    monkeypatch.setattr(resealing, "_anew", erased_just_then)
    rotated = rotate(engine, held.tenant_id)

    assert before > 0
    assert rotated.resealed.get(resealing.SUBJECT_KEYS, 0) == 0
    with engine.database.tenant_keys(held.tenant_id) as connection:
        assert connection.execute("SELECT count(wrapped_key) FROM keys.subject_keys").fetchone() == (0,)


def test_what_a_stale_process_seals_is_sealed_anew_or_refused(engine: Engine, keyring: Keyring, held: Holdings) -> None:
    stale = keyring.tenant(held.tenant_id)
    written: list[Stage] = []

    def write(value: bytes) -> None:
        with engine.database.tenant(held.tenant_id, "app") as connection:
            connection.execute("UPDATE hub.integrations SET credentials_cipher = %s WHERE provider = 'first'", (value,))

    def late(stage: Stage) -> None:
        text = stale.seal("integration", "first", b"late")
        if stage == "begun":
            write(text)
        else:
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
                write(text)
        written.append(stage)

    rotated = rotate(engine, held.tenant_id, hook=late)

    assert {"begun", "floor", "resealed"} <= set(written)
    assert rotated.destroyed == 1
    held.sealed["hub.integrations.credentials_cipher"]["first",] = b"late"
    held.check(engine, engine.keyring)


def test_two_rotations_at_once_are_one(engine: Engine, keyring: Keyring, held: Holdings) -> None:
    others: list[TenantRotated] = []

    def meanwhile(stage: Stage) -> None:
        if stage == "floor":
            others.append(rotate(engine, held.tenant_id, keyring))

    rotated = rotate(engine, held.tenant_id, hook=meanwhile)

    assert [(each.generation, each.destroyed) for each in (*others, rotated)] == [(2, 1), (2, 0)]
    assert destroyed(engine, held.tenant_id) == [(1, True), (2, False)]
    assert acts(engine, held.tenant_id) == ["key_rotation_began", "key_rotated"]
    held.check(engine, engine.keyring)


def test_keys_that_are_gone_are_not_made_anew(engine: Engine, keyring: Keyring, held: Holdings) -> None:
    with outside_transaction(engine.database.settings, "keys") as admin:
        admin.execute("DELETE FROM keys.tenant_keys WHERE tenant_id = %s", (held.tenant_id,))

    with pytest.raises(HubError, match="tenant_keys_destroyed"):
        keyring.renewed(held.tenant_id)
    assert destroyed(engine, held.tenant_id) == []


def test_a_rotation_waits_until_no_process_seals_with_the_old_key(engine: Engine, held: Holdings) -> None:
    waited: list[float] = []
    rotate(engine, held.tenant_id, settled_seconds=SETTLED_SECONDS, sleep=waited.append)

    (seconds,) = waited
    assert SETTLED_SECONDS - 30 < seconds <= SETTLED_SECONDS


def test_a_value_that_does_not_open_keeps_its_key_and_is_named(engine: Engine, held: Holdings) -> None:
    with engine.database.tenant(held.tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.integrations SET credentials_cipher = credentials_cipher || 'x' WHERE provider = 'second'"
        )

    rotated = rotate(engine, held.tenant_id)

    assert rotated.unreadable == {"hub.integrations.credentials_cipher": 1}
    assert not rotated.finished
    assert destroyed(engine, held.tenant_id) == [(1, False), (2, False)]

    with engine.database.tenant(held.tenant_id, "app") as connection:
        connection.execute("DELETE FROM hub.integrations WHERE provider = 'second'")
    assert rotate(engine, held.tenant_id).destroyed == 1


def test_what_lies_under_a_destroyed_key_is_counted_and_holds_no_later_rotation_up(
    engine: Engine, held: Holdings
) -> None:
    """As an older backup of the data brings it back, beside a key store of after the rotation."""
    older = engine.keyring.tenant(held.tenant_id).seal("integration", "second", b"older")
    assert rotate(engine, held.tenant_id).destroyed == 1
    with outside_transaction(engine.database.settings, "data") as admin, admin.transaction():
        admin.execute("DELETE FROM hub.key_floors WHERE tenant_id = %s", (held.tenant_id,))
        admin.execute(
            "UPDATE hub.integrations SET credentials_cipher = %s WHERE tenant_id = %s AND provider = 'second'",
            (older, held.tenant_id),
        )
    keys = engine.keyring.renewed(held.tenant_id)
    assert resealing.lost(engine.database, keys) == {"hub.integrations.credentials_cipher": 1}

    rotated = rotate(engine, held.tenant_id)

    assert rotated.lost == {"hub.integrations.credentials_cipher": 1}
    assert rotated.finished
    assert destroyed(engine, held.tenant_id) == [(1, True), (2, True), (3, False)]


def test_a_value_that_was_read_before_the_rotation_is_a_passing_failure(
    engine: Engine, keyring: Keyring, held: Holdings
) -> None:
    in_hand = engine.keyring.tenant(held.tenant_id).seal("integration", "first", b"value")
    rotate(engine, held.tenant_id)

    with pytest.raises(HubError, match="key_rotated") as raised:
        keyring.tenant(held.tenant_id).open("integration", "first", in_hand)
    assert raised.value.code in PASSING


def test_values_are_sealed_with_the_purposes_that_are_declared() -> None:
    declaration = ROOT / "hub" / "keys" / "sealed.py"
    sources = "".join(path.read_text() for path in ROOT.glob("hub/**/*.py") if path != declaration)
    written = [sealed for sealed in UNDER_TENANT_KEYS if sealed.table != "hub.breaches"]
    assert [sealed.name for sealed in written if f'"{sealed.purpose}"' not in sources] == []


def test_every_column_of_bytes_is_declared_and_guarded(engine: Engine, key_settings: Settings) -> None:
    with outside_transaction(key_settings, "data") as admin:
        found = {
            row[0]
            for row in admin.execute(
                "SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns"
                " WHERE data_type = 'bytea' AND table_schema IN ('hub', 'vault', 'landing', 'marts')"
            )
        }
        guarded = {
            row[0]
            for row in admin.execute(
                "SELECT DISTINCT event_object_schema || '.' || event_object_table || '.'"
                " || replace(trigger_name, 'refuse_retired_key_', '') FROM information_schema.triggers"
                " WHERE action_statement LIKE '%refuse_retired_key%'"
            )
        }
    under_tenant_keys = {sealed.name for sealed in UNDER_TENANT_KEYS}
    others = UNDER_SUBJECT_KEYS | UNDER_DAILY_KEYS | UNDER_OWN_KEYS | NO_CIPHERTEXT.keys()
    assert found == under_tenant_keys | others
    assert guarded == under_tenant_keys
