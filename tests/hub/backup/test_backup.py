"""`hub backup`: apart, private, complete, and no key older than its window."""

from __future__ import annotations

import json
import stat
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from hub.backup.dump import Backup, back_up
from hub.backup.manifest import Part, read, sha256_of, stem_of, verified, write
from hub.db.database import Database
from hub.db.postgres_programs import binaries
from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk import audit
from hub.kvkk.audit import Actor
from hub.kvkk.audit_heads import SigningKey
from hub.migrations.restored import require_sight
from hub.settings import Settings

ACTOR = Actor("Ayşe Yetkili", "operator")


def made(settings: Settings, database: Database, part: Part, directory: Path) -> Backup:
    return back_up(settings, database, part, directory, actor=ACTOR)


@pytest.mark.parametrize("part", ["data", "keys", "dagster"])
def test_a_backup_is_a_private_file_whose_manifest_describes_it(
    settings: Settings, database: Database, tmp_path: Path, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DAGSTER_HOME", "HUB_HOME", "HUB_DAGSTER_STORAGE_URL", "DAGSTER_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, "")

    backup = made(settings, database, part, tmp_path / part)

    manifest = verified(backup.path, part, SigningKey(settings.audit_signing_key_file).public)
    assert manifest == backup.manifest
    assert manifest.sha256 == sha256_of(backup.path)
    assert backup.path.read_bytes()[:5] == b"PGDMP"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / part).iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / part).stat().st_mode) == 0o700
    assert sorted(path.suffix for path in (tmp_path / part).iterdir()) == [".dump", ".json"]


def test_the_manifest_tells_the_head_of_each_audit_log_and_the_schemas_revision(
    settings: Settings, database: Database, make_tenant: Any, tmp_path: Path
) -> None:
    tenant_id = make_tenant()
    head = audit.record(database, tenant_id, audit.Entry(ACTOR, "looked", "hub.tenants"))

    manifest = made(settings, database, "data", tmp_path).manifest

    assert manifest.audit_heads[tenant_id] == (head.seq, head.hash.hex())
    with database.without_tenant() as connection:
        platform = audit.head(connection, audit.PLATFORM)
        revision = connection.execute("SELECT version_num FROM hub.alembic_version").fetchone()
    # `backup_begun` is in the dump, `backup_made` cannot be.
    assert manifest.audit_heads[audit.PLATFORM][0] == platform.seq - 1
    assert (manifest.revision,) == revision


def test_a_dump_of_data_holds_no_wrapped_key_and_one_of_keys_no_row(
    settings: Settings, database: Database, make_tenant: Any, tmp_path: Path
) -> None:
    tenant_id = make_tenant()
    Keyring(database, read_master_key(settings.master_key_file)).tenant(tenant_id)

    data = made(settings, database, "data", tmp_path / "data")
    keys = made(settings, database, "keys", tmp_path / "keys")

    for backup, schemas, others in ((data, b"landing", b"subject_keys"), (keys, b"subject_keys", b"landing")):
        content = backup.path.read_bytes()
        assert schemas in content
        assert others not in content


@pytest.mark.parametrize(
    ("first", "second", "code"), [("data", "keys", "backup_beside_data"), ("keys", "data", "backup_beside_keys")]
)
def test_data_and_keys_never_share_a_directory(
    settings: Settings, database: Database, tmp_path: Path, first: Part, second: Part, code: str
) -> None:
    made(settings, database, first, tmp_path)

    for place in (tmp_path, tmp_path / "below"):
        with pytest.raises(HubError) as refused:
            made(settings, database, second, place)
        assert refused.value.code == code


def test_a_backup_inside_the_home_is_refused(settings: Settings, database: Database) -> None:
    with pytest.raises(HubError) as refused:
        made(settings, database, "data", settings.home / "backups")

    assert refused.value.code == "backup_inside_home"


def test_a_key_backup_deletes_those_whose_window_has_passed_and_says_so(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    short = settings.model_copy(update={"key_backup_days": 7})
    newest = made(short, database, "keys", tmp_path)
    aged: dict[int, Path] = {}
    for days in (6, 8):
        file = f"kopru-keys-2020010{days}T000000Z.dump"
        aged[days] = tmp_path / file
        aged[days].write_bytes(b"wrapped")
        write(tmp_path, replace(newest.manifest, file=file, at=newest.manifest.at - timedelta(days=days)))

    again = made(short, database, "keys", tmp_path)

    assert [each.file for each in again.expired] == [aged[8].name]
    assert not aged[8].exists()
    assert not aged[8].with_suffix(".json").exists()
    assert aged[6].exists()


def test_a_key_dump_without_a_manifest_goes_when_its_window_has_passed_too(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    newest = made(settings, database, "keys", tmp_path).manifest.at
    old, recent = (
        tmp_path / f"{stem_of('keys', newest - timedelta(days=days))}.dump"
        for days in (settings.key_backup_days + 1, 1)
    )
    for torn in (old, recent):
        torn.write_bytes(b"wrapped")

    again = made(settings, database, "keys", tmp_path)

    assert [each.file for each in again.expired] == [old.name]
    assert not old.exists()
    assert recent.exists()


def test_a_manifest_leads_to_no_other_file_than_its_own(settings: Settings, database: Database, tmp_path: Path) -> None:
    backup = made(settings, database, "keys", tmp_path / "keys")
    others = tmp_path / "others.dump"
    others.write_bytes(b"not a backup")
    manifest = backup.path.with_suffix(".json")
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"file": "../others.dump", "at": "2020-01-01T00:00:00+00:00"}))

    with pytest.raises(HubError, match="backup_manifest_unreadable"):
        verified(backup.path, "keys", None)
    made(settings, database, "keys", tmp_path / "keys")
    assert others.exists()


def test_a_backup_writes_through_no_link_that_was_laid_in_its_way(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"as it was")
    (tmp_path / "keys").mkdir()
    stem = stem_of("keys", datetime(2020, 1, 1, tzinfo=UTC))
    monkeypatch.setattr("hub.backup.dump.stem_of", Mock(return_value=stem))
    (tmp_path / "keys" / f"{stem}.part").symlink_to(victim)

    # Its age is that of the file it leads to: it is not taken for what a killed backup left.
    with pytest.raises(HubError, match="backup_under_way"):
        made(settings, database, "keys", tmp_path / "keys")
    assert victim.read_bytes() == b"as it was"


def test_old_data_backups_are_left_to_their_owner(settings: Settings, database: Database, tmp_path: Path) -> None:
    first = made(settings, database, "data", tmp_path)
    write(tmp_path, replace(first.manifest, at=first.manifest.at - timedelta(days=4000)))

    assert made(settings, database, "data", tmp_path).expired == ()
    assert first.path.exists()


def test_a_file_that_was_altered_or_is_another_part_is_refused(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    backup = made(settings, database, "keys", tmp_path)
    with pytest.raises(HubError) as other:
        verified(backup.path, "data", None)
    with backup.path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(HubError) as altered:
        verified(backup.path, "keys", None)
    manifest = backup.path.with_suffix(".json")
    manifest.write_text(json.dumps({"format": 99}))
    with pytest.raises(HubError) as unknown:
        read(manifest)

    codes = [other.value.code, altered.value.code, unknown.value.code]
    assert codes == ["backup_other_part", "backup_altered", "backup_manifest_unreadable"]


def test_the_platforms_audit_log_tells_who_made_which_backup(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    backup = made(settings, database, "keys", tmp_path)

    with database.without_tenant() as connection:
        rows = connection.execute(
            "SELECT action, actor, object, details ->> 'sha256' FROM hub.platform_audit_log ORDER BY seq DESC LIMIT 2"
        ).fetchall()
    assert rows == [
        ("backup_made", ACTOR.name, "backup/keys", backup.manifest.sha256),
        ("backup_begun", ACTOR.name, "backup/keys", None),
    ]


def test_marts_are_left_out_and_everything_else_is_in(settings: Settings, database: Database, tmp_path: Path) -> None:
    backup = made(settings, database, "data", tmp_path)

    listed = subprocess.run(
        [str(binaries() / "pg_restore"), "--list", str(backup.path)], check=True, capture_output=True, text=True
    ).stdout
    contents = {tuple(line.split()[5:7]) for line in listed.splitlines() if " TABLE DATA " in line}
    assert {schema for schema, _ in contents} == {"hub", "vault", "landing"}
    with database.without_tenant() as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('hub', 'vault', 'landing')"
        ).fetchall()
    assert contents == set(tables)


def test_a_login_that_policies_bind_makes_no_backup(database: Database) -> None:
    with database.without_tenant() as connection, pytest.raises(HubError) as refused:
        require_sight(connection)

    assert refused.value.code == "backup_sees_not_all"
