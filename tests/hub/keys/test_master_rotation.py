"""The master key is rotated while processes start, work and die: every tenant's keys open at any moment."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from hub.db.database import Database
from hub.errors import HubError
from hub.keys import master_files
from hub.keys.keyring import Keyring
from hub.keys.master_files import next_file, previous_file
from hub.keys.master_key import read_master_key
from hub.keys.master_rotation import rotate_master
from hub.keys.rotation_stages import Stage
from hub.keys.tenant_rotation import TenantRotation
from hub.kvkk.audit import Actor
from hub.migrations.connections import outside_transaction
from hub.settings import Settings
from hub.sync.batch import Engine
from tests.hub.keys.conftest import Worker
from tests.support.shop import add_shop
from tests.support.waiting import until

pytestmark = pytest.mark.long(25)

ACTOR = Actor("test", "operator")


@pytest.fixture
def tenants(engine: Engine, tmp_path: Path) -> dict[str, bytes]:
    """Three tenants, and what each sealed."""
    ids = [add_shop(engine, tmp_path / str(number)) for number in range(3)]
    return {tenant_id: engine.keyring.tenant(tenant_id).seal("test", "row", tenant_id.encode()) for tenant_id in ids}


def started(settings: Settings, database: Database) -> Keyring:
    """A process that has just read the file."""
    return Keyring(database, read_master_key(settings.master_key_file))


def check(keyring: Keyring, tenants: dict[str, bytes]) -> None:
    opened = {tenant_id: keyring.renewed(tenant_id).open("test", "row", text) for tenant_id, text in tenants.items()}
    assert opened == {tenant_id: tenant_id.encode() for tenant_id in tenants}


def masters(database: Database) -> dict[str, bool]:
    """Whether each master key that the key store knows is in force."""
    with database.master_keys() as connection:
        return dict(connection.execute("SELECT fingerprint, retired_at IS NULL FROM keys.master").fetchall())


def wrapped_by(database: Database) -> set[str | None]:
    with database.custody() as connection:
        return {
            row[0]
            for row in connection.execute("SELECT master_fingerprint FROM keys.tenant_keys WHERE destroyed_at IS NULL")
        }


def files(settings: Settings) -> set[str]:
    path = settings.master_key_file
    return {each.name for each in (path, next_file(path), previous_file(path)) if each.exists()}


def test_every_tenants_keys_are_under_the_new_key_and_running_processes_go_on(
    engine: Engine, key_settings: Settings, tenants: dict[str, bytes]
) -> None:
    old = read_master_key(key_settings.master_key_file)
    running = started(key_settings, engine.database)
    running.tenant(next(iter(tenants)))

    rotated = rotate_master(engine.database, actor=ACTOR)

    assert rotated.fingerprint == read_master_key(key_settings.master_key_file).fingerprint != old.fingerprint
    assert rotated.rewrapped >= len(tenants)
    assert wrapped_by(engine.database) == {rotated.fingerprint}
    known = masters(engine.database)
    assert (known[old.fingerprint], known[rotated.fingerprint]) == (False, True)
    assert files(key_settings) == {"master.key"}
    assert key_settings.master_key_file.stat().st_mode & 0o777 == 0o600
    for keyring in (running, engine.keyring, started(key_settings, engine.database)):
        check(keyring, tenants)
    with engine.database.without_tenant() as connection:
        entered = connection.execute(
            "SELECT action, object, count FROM hub.platform_audit_log ORDER BY seq DESC LIMIT 2"
        ).fetchall()
    name = f"master-key:{rotated.fingerprint}"
    assert entered == [
        ("master_key_rotated", name, rotated.rewrapped),
        ("master_key_rotation_began", name, None),
    ]


SEAMS = [("written", 1), ("begun", 1), ("switched", 1), ("wrapped", 1), ("wrapped", 3), ("retired", 1)]


@pytest.mark.parametrize(("stage", "call"), SEAMS)
def test_a_rotation_killed_anywhere_loses_nothing_and_the_next_one_ends_it(
    engine: Engine, key_settings: Settings, tenants: dict[str, bytes], worker: Worker, stage: str, call: int
) -> None:
    known = set(masters(engine.database))
    running = started(key_settings, engine.database)
    running.tenant(next(iter(tenants)))

    assert worker(stage=stage, call=call) == {"signal": 9}
    for keyring in (started(key_settings, engine.database), running, engine.keyring):
        check(keyring, tenants)
    added = {f"t{'a' * 10}{letter}": b"" for letter in "bc"}
    for (tenant_id, _), keyring in zip(added.items(), (running, started(key_settings, engine.database)), strict=True):
        added[tenant_id] = keyring.tenant(tenant_id).seal("test", "row", tenant_id.encode())

    worker()

    new = set(masters(engine.database)) - known
    assert len(new) == 1, "the second run goes on with the first one's key"
    assert wrapped_by(engine.database) == new
    assert {fingerprint for fingerprint, living in masters(engine.database).items() if living} == new
    assert files(key_settings) == {"master.key"}
    for keyring in (started(key_settings, engine.database), running, engine.keyring):
        check(keyring, tenants | added)


def test_a_tenant_who_comes_meanwhile_is_wrapped_under_the_new_key_by_a_process_that_knows_the_old_one(
    engine: Engine, key_settings: Settings, tenants: dict[str, bytes]
) -> None:
    running = started(key_settings, engine.database)
    running.tenant(next(iter(tenants)))
    stages: tuple[Stage, ...] = ("written", "begun", "switched", "wrapped", "retired")
    added: dict[str, bytes] = {}

    def come(stage: Stage) -> None:
        tenant_id = f"t{'c' * 10}{'abcde'[stages.index(stage)]}"
        if tenant_id not in added:
            added[tenant_id] = running.tenant(tenant_id).seal("test", "row", tenant_id.encode())

    rotated = rotate_master(engine.database, actor=ACTOR, hook=come)

    assert len(added) == len(stages)
    assert wrapped_by(engine.database) == {rotated.fingerprint}
    check(started(key_settings, engine.database), tenants | added)


def test_a_tenant_whose_keys_are_being_wrapped_just_then_is_waited_for(
    engine: Engine, key_settings: Settings, tenants: dict[str, bytes]
) -> None:
    """Keys wrapped under the old key, and not committed when the rotation begins."""
    keyring = started(key_settings, engine.database)
    keyring.tenant(next(iter(tenants)))
    tenant_id = f"t{'b' * 11}"
    begun = threading.Event()
    rotation = threading.Thread(
        target=rotate_master,
        args=(engine.database,),
        kwargs={"actor": ACTOR, "hook": lambda stage: begun.set() if stage == "begun" else None},
    )
    with engine.database.tenant_keys(tenant_id) as connection:
        keyring.masters.wrapping(connection)
        rotation.start()
        until("the rotation waits or goes on", lambda: waiting(key_settings) or begun.is_set(), seconds=30)
        assert not begun.is_set()
    rotation.join()
    assert begun.is_set()


def waiting(settings: Settings) -> bool:
    with outside_transaction(settings, "keys") as admin:
        return admin.execute("SELECT FROM pg_locks WHERE NOT granted").fetchone() is not None


def test_a_tenants_key_can_be_rotated_between_two_runs_of_the_master_keys_rotation(
    engine: Engine, key_settings: Settings, tenants: dict[str, bytes], worker: Worker
) -> None:
    tenant_id = next(iter(tenants))
    assert worker(stage="switched", call=1) == {"signal": 9}
    TenantRotation(engine.database, engine.keyring, actor=ACTOR, settled_seconds=0).rotate([tenant_id])
    anew = {tenant_id: engine.keyring.tenant(tenant_id).seal("test", "row", tenant_id.encode())}

    rotate_master(engine.database, actor=ACTOR)

    check(started(key_settings, engine.database), anew)


def test_two_rotations_at_once_are_refused(engine: Engine, key_settings: Settings) -> None:
    with (
        master_files.rotating(key_settings.master_key_file),
        pytest.raises(HubError, match="rotation_under_way"),
    ):
        rotate_master(engine.database, actor=ACTOR)


def test_a_master_key_that_was_rotated_away_is_refused(
    engine: Engine, key_settings: Settings, tenants: dict[str, bytes]
) -> None:
    path = key_settings.master_key_file
    kept = path.with_name("kept")
    shutil.copy(path, kept)
    rotate_master(engine.database, actor=ACTOR)
    new = path.with_name("new")
    os.rename(path, new)
    shutil.copy(kept, path)
    try:
        with pytest.raises(HubError, match="master_key_foreign"):
            started(key_settings, engine.database).tenant(next(iter(tenants)))
    finally:
        os.rename(new, path)
        kept.unlink()
    check(started(key_settings, engine.database), tenants)


def test_keys_that_were_wrapped_before_rotation_existed_are_wrapped_anew(
    engine: Engine, key_settings: Settings, tenants: dict[str, bytes]
) -> None:
    with outside_transaction(key_settings, "keys") as admin:
        admin.execute("UPDATE keys.tenant_keys SET master_fingerprint = NULL")
    check(started(key_settings, engine.database), tenants)

    rotated = rotate_master(engine.database, actor=ACTOR)

    assert wrapped_by(engine.database) == {rotated.fingerprint}
    check(started(key_settings, engine.database), tenants)
