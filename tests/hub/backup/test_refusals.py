"""What `hub restore` refuses before it touches anything."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hub.backup.dump import back_up
from hub.backup.manifest import Manifest, signed, write
from hub.backup.restore import Dumps, restore
from hub.db.database import Database
from hub.db.endpoints import data_directory
from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.kvkk.audit_heads import SigningKey
from hub.settings import Settings

ACTOR = Actor("Ayşe Yetkili", "operator")


@pytest.fixture(scope="module")
def dumps(settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Dumps:
    """Of the session's installation; nothing is loaded from them here."""
    base = tmp_path_factory.mktemp("backups")
    data = back_up(settings, database, "data", base / "data", actor=ACTOR)
    keys = back_up(settings, database, "keys", base / "keys", actor=ACTOR)
    return Dumps(data.path, keys.path)


def refused(dumps: Dumps, home: Path) -> str:
    """The code with which a restore into a home without any server is refused: it did not come so far."""
    fresh = Settings.apart(home)
    with pytest.raises(HubError) as error:
        restore(fresh, dumps, actor=ACTOR)
    assert not data_directory(fresh, "data").exists()
    return error.value.code


def changed(dumps: Dumps, part: str, directory: Path, change: Callable[[Manifest], Manifest]) -> Dumps:
    """The same backups, one of them under another manifest."""
    from hub.backup.manifest import read

    path = dumps.data if part == "data" else dumps.keys
    copy = directory / path.name
    shutil.copy(path, copy)
    write(directory, change(read(path)))
    return replace(dumps, data=copy) if part == "data" else replace(dumps, keys=copy)


def test_keys_that_are_older_than_the_data(dumps: Dumps, tmp_path: Path) -> None:
    older = changed(dumps, "keys", tmp_path, lambda each: replace(each, at=each.at - timedelta(hours=1)))

    assert refused(older, tmp_path / "home") == "restore_keys_older"


@pytest.mark.parametrize("part", ["data", "keys"])
def test_a_schema_that_a_newer_hub_wrote(dumps: Dumps, tmp_path: Path, part: str) -> None:
    newer = changed(dumps, part, tmp_path, lambda each: replace(each, revision="9999"))

    assert refused(newer, tmp_path / "home") == "restore_version_unknown"


def test_roles_of_another_prefix(dumps: Dumps, tmp_path: Path) -> None:
    other = changed(dumps, "data", tmp_path, lambda each: replace(each, role_prefix="other"))

    assert refused(other, tmp_path / "home") == "restore_other_prefix"


def test_a_dump_that_was_cut_off(dumps: Dumps, tmp_path: Path) -> None:
    copy = changed(dumps, "data", tmp_path, lambda each: each)
    copy.data.write_bytes(copy.data.read_bytes()[:-1])

    assert refused(copy, tmp_path / "home") == "backup_altered"


@pytest.mark.parametrize("part", ["data", "keys"])
def test_a_manifest_that_was_written_again_by_somebody_else(
    settings: Settings, dumps: Dumps, tmp_path: Path, part: str
) -> None:
    """It makes old keys out to be new ones, and fits its dump."""
    home = tmp_path / "home"
    brought = Settings.apart(home).audit_signing_key_file
    brought.parent.mkdir(parents=True, mode=0o700)
    shutil.copy(settings.audit_signing_key_file, brought)
    assert refused(dumps, home) == "master_key_missing", "the signatures themselves are right"

    later = changed(dumps, part, tmp_path, lambda each: replace(each, at=each.at + timedelta(seconds=1)))
    assert refused(later, home) == "backup_not_signed"

    unsigned = changed(dumps, part, tmp_path, lambda each: replace(each, signature=""))
    assert refused(unsigned, home) == "backup_not_signed"


def test_keys_given_as_data(dumps: Dumps, tmp_path: Path) -> None:
    assert refused(Dumps(dumps.keys, dumps.data), tmp_path / "home") == "backup_other_part"


def test_a_home_without_the_master_key(dumps: Dumps, tmp_path: Path) -> None:
    assert refused(dumps, tmp_path / "home") == "master_key_missing"


def test_a_server_that_is_older_than_the_one_of_the_backup(settings: Settings, dumps: Dumps, tmp_path: Path) -> None:
    key = SigningKey(settings.audit_signing_key_file)
    newer = changed(dumps, "keys", tmp_path, lambda each: signed(replace(each, server_version=990001), key))

    with pytest.raises(HubError, match="restore_server_older found=18 needed=99"):
        restore(settings, newer, actor=ACTOR)


def test_a_place_that_is_not_empty(settings: Settings, dumps: Dumps) -> None:
    with pytest.raises(HubError) as error:
        restore(settings, dumps, actor=ACTOR)

    assert error.value.code == "restore_not_empty"
