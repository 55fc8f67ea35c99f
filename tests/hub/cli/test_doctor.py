from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest

from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.migrations.connections import outside_transaction
from hub.settings import Settings
from tests.hub.cli.conftest import Run


def test_a_migrated_installation_is_well(hub: Run, settings: Settings) -> None:
    # Erasures of other modules leave old values in the tables' files until the next migration, and that is said too.
    with outside_transaction(settings, "data") as admin:
        owed = admin.execute(
            "SELECT EXISTS (SELECT FROM hub.generated_tables WHERE rewrite_due) OR EXISTS (SELECT FROM"
            " hub.policy_rewrites)"
        ).fetchone()
    shown = hub("doctor", "--json")

    assert [each["check"] for each in shown.json() if not each["ok"]] == ["Loaded rows follow the policies"] * owed[0]
    assert shown.status == owed[0]
    assert len(shown.json()) >= 10


@pytest.fixture
def key(database: Database, settings: Settings) -> None:
    """The key store knows its master key: a tenant has keys."""
    Keyring(database, read_master_key(settings.master_key_file)).tenant("t" + "d" * 11)


@pytest.fixture
def home(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: Run) -> Path:
    """The installation under another home whose master key and policies a test may spoil."""
    monkeypatch.setenv("HUB_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    return tmp_path


def write_key(home: Path, content: bytes, mode: int = 0o600) -> None:
    path = home / "master.key"
    path.write_bytes(content)
    path.chmod(mode)


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (None, 0o600, "There is no master key"),
        (base64.b64encode(bytes(32)), 0o600, "The master key is not random"),
        (base64.b64encode(os.urandom(16)), 0o600, "The master key must have 32 bytes"),
        (b"change-me!", 0o600, "The master key is not base64"),
        (base64.b64encode(os.urandom(32)), 0o644, "Others may read the master key"),
    ],
    ids=["missing", "not random", "short", "not base64", "readable"],  # values differ between xdist's workers
)
def test_a_master_key_that_must_not_be_used_is_found(
    hub: Run, home: Path, content: bytes | None, mode: int, reason: str
) -> None:
    if content is not None:
        write_key(home, content, mode)
    shown = hub("doctor")

    assert shown.status == 1
    assert f"WRONG  Master key: {reason}" in shown.out


def test_the_master_key_of_another_installation_is_found(hub: Run, home: Path, database: Database, key: None) -> None:
    write_key(home, base64.b64encode(os.urandom(32)))
    shown = hub("doctor")

    assert shown.status == 1
    assert "ok  Master key" in shown.out
    assert "WRONG  Key store: The key store belongs to another master key; restore that one." in shown.out


def test_a_master_key_that_is_missing_in_the_middle_of_its_rotation_is_found(
    hub: Run, settings: Settings, key: None
) -> None:
    with outside_transaction(settings, "keys") as admin:
        admin.execute("INSERT INTO keys.master (fingerprint, created_at) VALUES ('0123456789abcdef', '2026-01-01')")
    try:
        shown = hub("doctor")
    finally:
        with outside_transaction(settings, "keys") as admin:
            admin.execute("DELETE FROM keys.master WHERE fingerprint = '0123456789abcdef'")

    assert shown.status == 1
    assert "wrapped under the master key 0123456789abcdef" in shown.out
    assert "master.key.previous" in shown.out


@pytest.mark.parametrize("name", ["master.key.next", "master.key.previous"])
def test_a_master_key_beside_the_one_in_force_is_looked_at_too(hub: Run, settings: Settings, name: str) -> None:
    path = settings.home / name
    path.write_bytes(base64.b64encode(bytes(32)))
    path.chmod(0o600)
    try:
        shown = hub("doctor")
    finally:
        path.unlink()

    assert shown.status == 1
    assert "WRONG  Master key: The master key is not random" in shown.out


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (base64.b64encode(bytes(32)), 0o600, "The master key is not random"),
        (base64.b64encode(os.urandom(32)), 0o644, "Others may read the master key"),
        (base64.b64encode(os.urandom(32)), 0o600, "The key store belongs to another master key"),
    ],
    ids=["not random", "readable", "foreign"],
)
@pytest.mark.parametrize("command", [("migrate",), ("up",)], ids=["migrate", "up"])
def test_nothing_starts_on_a_master_key_that_must_not_be_used(
    hub: Run, home: Path, key: None, command: tuple[str, ...], content: bytes, mode: int, reason: str
) -> None:
    write_key(home, content, mode)
    refused = hub(*command)

    assert refused.status == 1
    assert reason in refused.err


def test_nothing_starts_without_the_master_key(hub: Run, home: Path, key: None) -> None:
    refused = hub("up")

    assert refused.status == 1
    assert "There is no master key" in refused.err
    assert not (home / "master.key").exists()


def test_a_policy_that_must_not_be_used_is_found_with_file_and_line(
    hub: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "iyzico.yaml").write_text("provider: [\n")
    monkeypatch.setenv("HUB_POLICIES_DIR", str(tmp_path))
    shown = hub("--lang", "tr", "doctor")

    assert shown.status == 1
    assert "HATALI  KVKK politikaları" in shown.out
    assert "iyzico.yaml:" in shown.out


def test_a_home_that_others_may_look_into_is_found(hub: Run, settings: Settings) -> None:
    before = stat.S_IMODE(settings.home.stat().st_mode)
    settings.home.chmod(0o755)
    try:
        shown = hub("doctor")
    finally:
        settings.home.chmod(before)

    assert shown.status == 1
    assert "chmod go-rw" in shown.out


def test_a_home_that_is_not_there_is_found_and_not_made(
    hub: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "none"))
    shown = hub("doctor")

    assert shown.status == 1
    assert "WRONG  Data directory: There is no data directory" in shown.out
    assert "WRONG  Postgres servers: There is no data directory" in shown.out
    assert not (tmp_path / "none").exists()


def test_a_database_without_its_passwords_is_found(hub: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    monkeypatch.setenv("HUB_DATABASE_URL", "postgresql://127.0.0.1:1/hub")
    monkeypatch.setenv("HUB_KEYS_DATABASE_URL", "postgresql://127.0.0.1:1/keys")
    shown = hub("doctor")

    assert shown.status == 1
    assert "There is no password for the role" in shown.out


def test_a_front_door_without_tls_is_found(hub: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_API_HOST", "10.0.0.7")
    shown = hub("--lang", "tr", "doctor")

    assert shown.status == 1
    assert "HATALI  Ön kapı: API 10.0.0.7 adresini TLS olmadan dinliyor" in shown.out
