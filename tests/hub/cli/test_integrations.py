from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from connectors.registry import PROVIDERS
from hub.kvkk.audit import operator
from hub.settings import Settings
from tests.hub.cli.conftest import Run
from tests.hub.provider_stand_in import ACCEPTED_KEY, DENEME, far_end

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def deneme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROVIDERS, "deneme", DENEME)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with far_end() as url:
        yield url


def connect(hub: Run, tenant: dict[str, Any], address: str, key: str = ACCEPTED_KEY) -> Any:
    return hub(
        "integrations",
        "set",
        "deneme",
        *("--tenant", tenant["subdomain"], "--environment", "sandbox", "--base-url", address, "--json"),
        stdin=json.dumps({"api_key": key}),
    )


def test_an_account_is_stored_tested_paused_and_resumed(hub: Run, tenant: dict[str, Any], address: str) -> None:
    reference = ("deneme", "--tenant", tenant["tenant_id"], "--json")
    states = [connect(hub, tenant, address).json()["state"]]
    states += [hub("integrations", command, *reference).json()["state"] for command in ("test", "pause", "resume")]

    assert states == ["new", "active", "paused", "active"]
    log = hub("kvkk", "audit", "list", *reference[1:]).json()
    assert [line["action"].partition(".")[2] for line in log] == ["added", "stored", "tested", "paused", "resumed"]
    assert {(line["actor"], line["actor_role"]) for line in log} == {(operator().name, "operator")}


def test_settings_stay_when_an_account_is_stored_anew_until_one_is_cleared(
    hub: Run, tenant: dict[str, Any], address: str, database: Any
) -> None:
    def stored(*options: str) -> Any:
        where = ("--tenant", tenant["subdomain"], "--environment", "sandbox", "--base-url", address)
        outcome = hub("integrations", "set", "deneme", *where, *options, stdin=json.dumps({"api_key": ACCEPTED_KEY}))
        with database.tenant(tenant["tenant_id"], "app") as connection:
            row = connection.execute(
                "SELECT settings FROM hub.integrations WHERE tenant_id = %s", (tenant["tenant_id"],)
            ).fetchone()
        return row[0] if outcome.status == 0 else outcome.err

    assert stored("--setting", "region=tr") == {"region": "tr"}
    assert stored() == {"region": "tr"}
    assert stored("--setting", "region=de") == {"region": "de"}
    assert stored("--clear", "region") == {}
    assert "yok" in stored("--clear", "yok")


def test_no_output_holds_a_credential(hub: Run, tenant: dict[str, Any], address: str) -> None:
    shown = [connect(hub, tenant, address)]
    shown.append(hub("integrations", "test", "deneme", "--tenant", tenant["tenant_id"]))
    shown.append(hub("integrations", "list", "--tenant", tenant["tenant_id"]))
    shown.append(hub("integrations", "list", "--tenant", tenant["tenant_id"], "--json"))

    assert all(outcome.status == 0 for outcome in shown)
    assert all(ACCEPTED_KEY not in outcome.out + outcome.err for outcome in shown)


def test_credentials_that_the_provider_refuses_fail_the_test_with_the_reason(
    hub: Run, tenant: dict[str, Any], address: str
) -> None:
    connect(hub, tenant, address, key="yanlis")
    refused = hub("--lang", "tr", "integrations", "test", "deneme", "--tenant", tenant["tenant_id"])

    assert refused.status == 1
    assert "Sağlayıcı kimlik bilgilerini kabul etmiyor" in refused.err


def test_credentials_come_from_a_file_with_settings_beside_them(
    hub: Run, tenant: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "anahtar.json"
    file.write_text(json.dumps({"api_key": ACCEPTED_KEY, "shop": "merkez"}))
    stored = hub(
        *("integrations", "set", "deneme", "--tenant", tenant["subdomain"], "--from-file", str(file)),
        *("--setting", "region=tr", "--every-minutes", "90", "--json"),
    )

    assert stored.json()["interval_seconds"] == 5400
    assert stored.json()["environment"] == "live"


def typed(terminal: int, prompts: list[str], answer: bytes) -> bytes:
    """Answer each prompt as it comes; returns what the terminal showed."""
    shown = b""
    for prompt in prompts:
        waiting = shown
        while f"{prompt}: ".encode() not in waiting:
            assert select.select([terminal], [], [], 60)[0], "the prompt did not come to the terminal"
            waiting += os.read(terminal, 1024)
        os.write(terminal, answer + b"\n")
        shown = waiting
    return shown


def test_a_secret_is_asked_for_without_echo_on_a_real_terminal(tenant: dict[str, Any], settings: Settings) -> None:
    command = "import sys; from hub.cli import main; sys.exit(main())"
    arguments = ("integrations", "set", "iyzico", "--tenant", tenant["tenant_id"], "--environment", "sandbox", "--json")
    terminal, far_side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        cwd=ROOT,
        env=os.environ | {"HUB_HOME": str(settings.home), "HUB_LANGUAGE": "en"},
        stdin=far_side,
        stdout=subprocess.PIPE,
        stderr=far_side,
        start_new_session=True,
    )
    os.close(far_side)
    try:
        shown = typed(terminal, [field.title for field in PROVIDERS["iyzico"].credential_fields], b"gizli-7Qx")
        answer, _none = process.communicate(timeout=60)
        with suppress(OSError):  # the terminal ends with an error once its far side is gone
            shown += os.read(terminal, 1024)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)

    assert process.returncode == 0
    assert json.loads(answer)["state"] == "new"
    assert b"gizli" not in shown + answer


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("set", "paypal"), "provider_unknown"),
        (("set", "deneme", "--environment", "staging"), "environment_unknown"),
        (("set", "deneme", "--base-url", "https://evil.example"), "base_url_fixed"),
        (("set", "deneme", "--setting", "region"), "setting_malformed"),
        (("set", "deneme", "--setting", "colour=red"), "input_invalid"),
        (("set", "deneme", "--every-minutes", "100000000"), "input_invalid"),
        (("test", "deneme"), "integration_missing"),
        (("pause", "deneme"), "integration_missing"),
        (("reset-cursor", "deneme", "--stream", "cars"), "integration_missing"),
    ],
)
def test_what_is_wrong_is_named(hub: Run, tenant: dict[str, Any], arguments: tuple[str, ...], code: str) -> None:
    shown = hub(
        "integrations", *arguments, "--tenant", tenant["tenant_id"], "--json", stdin=json.dumps({"api_key": "x"})
    )

    assert shown.status == (2 if code in {"provider_unknown", "setting_malformed"} else 1)
    assert json.loads(shown.err)["error"]["code"] == code


def test_cursors_are_reset_by_stream(hub: Run, tenant: dict[str, Any], address: str, database: Any) -> None:
    connect(hub, tenant, address)
    with database.tenant(tenant["tenant_id"], "app") as connection:
        connection.execute(
            "INSERT INTO hub.sync_state (tenant_id, provider, stream) VALUES (%s, 'deneme', 'orders')",
            (tenant["tenant_id"],),
        )
    with database.tenant(tenant["tenant_id"], "loader") as connection:
        connection.execute("UPDATE hub.sync_state SET synced_until = now()")

    reset = hub("integrations", "reset-cursor", "deneme", "--tenant", tenant["tenant_id"], "--json")
    assert reset.json() == {"reset": ["orders"]}


class TestStatus:
    def test_a_failure_is_told_in_words_with_its_time(
        self, hub: Run, tenant: dict[str, Any], address: str, database: Any
    ) -> None:
        connect(hub, tenant, address)
        hub("integrations", "test", "deneme", "--tenant", tenant["tenant_id"])
        with database.tenant(tenant["tenant_id"], "app") as connection:
            connection.execute(
                "INSERT INTO hub.sync_state (tenant_id, provider, stream, state, failure_kind, failure_code,"
                " failure_status, last_failure_at) VALUES (%s, 'deneme', 'orders', 'failed', 'permanent',"
                " 'credentials_expired', 401, '2026-03-01T09:00:00Z')",
                (tenant["tenant_id"],),
            )

        (found,) = hub("status", "--tenant", tenant["subdomain"], "--json").json()
        assert found["health"] == "failed"
        assert found["next_try"] is not None
        assert found["streams"][0]["reason"].startswith("The credentials have expired.")
        table = hub("--lang", "tr", "status", "--tenant", tenant["subdomain"]).out
        assert "orders: Kimlik bilgilerinin süresi dolmuş." in table
        assert "01.03.2026 12:00" in table
        assert "refunds" in hub("status", "--tenant", tenant["subdomain"], "--streams").out

    def test_a_pause_and_undeclared_columns_are_told(
        self, hub: Run, tenant: dict[str, Any], address: str, database: Any
    ) -> None:
        connect(hub, tenant, address)
        hub("integrations", "test", "deneme", "--tenant", tenant["tenant_id"])
        with database.tenant(tenant["tenant_id"], "app") as connection:
            connection.execute(
                "INSERT INTO hub.sync_state (tenant_id, provider, stream, state, undeclared)"
                " VALUES (%s, 'deneme', 'orders', 'ok', '{gift_note}')",
                (tenant["tenant_id"],),
            )

        assert "orders.gift_note" in hub("status", "--tenant", tenant["subdomain"]).out
        hub("integrations", "pause", "deneme", "--tenant", tenant["tenant_id"])
        assert "Paused by hand" in hub("status", "--tenant", tenant["subdomain"]).out
