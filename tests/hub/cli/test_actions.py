"""`hub actions`, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

import connectors.registry
from hub.cli.app import app
from hub.outbox.changes import private_part
from hub.validation import InvalidInput
from tests.hub.outbox.conftest import Bench, bench, keyring
from tests.hub.outbox.far_end import PROVIDER, kind

__all__ = ["bench", "keyring"]


@pytest.fixture
def shell(bench: Bench, settings: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    monkeypatch.setenv("HUB_HOME", str(bench.database.settings.home))
    monkeypatch.setitem(connectors.registry.CHANNELS, "deneme", PROVIDER)
    return Shell(bench, tmp_path)


class Shell:
    def __init__(self, bench: Bench, directory: Path) -> None:
        self.bench, self._directory = bench, directory

    def run(self, *arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(app, ["actions", *arguments, "--tenant", self.bench.tenant, "--json"])
        assert result.exit_code == status, (result.output, result.exception)
        return result.output

    def refused(self, *arguments: str) -> list[str]:
        """The fields that are wrong, under the names that are told."""
        result = CliRunner().invoke(app, ["actions", *arguments, "--tenant", self.bench.tenant])
        assert isinstance(result.exception, InvalidInput), result.output
        return [each.field for each in result.exception.problems]

    def send(self, key: str, *more: str, status: int = 0, name: str = "deneme.sms") -> dict[str, object]:
        file = self._directory / "payload.json"
        file.write_text('{"to": "+905320000001", "text": "Merhaba"}')
        return json.loads(self.run("send", name, "--once", key, "--from-file", str(file), *more, status=status))


def test_a_message_by_a_template_is_worded_before_it_is_queued(shell: Shell, tmp_path: Path) -> None:
    from hub.templates import store
    from hub.templates.new_template import NewTemplate

    new = NewTemplate("kargo", "sms", "transactional", "Sayın {{ ad }}", variables={"ad": "text"})
    store.add(shell.bench.database, shell.bench.tenant, new)
    file = tmp_path / "request.json"
    file.write_text('{"to": "+905320000001", "variables": {"ad": "Ayşe"}}')
    arguments = ("send", "deneme.sms", "--from-file", str(file), "--template", "kargo", "--once")
    shell.run(*arguments, "t-1")
    shell.bench.drain()
    assert [act.payload["text"] for act in shell.bench.far.seen] == ["Sayın Ayşe"]
    file.write_text('{"to": "+905320000001"}')
    shell.run(*arguments, "t-2", status=1)


def test_what_is_sent_shows_neither_payload_nor_recipient(shell: Shell) -> None:
    sent = shell.send("a-1")
    assert (sent["state"], sent["amount"]) == ("pending", "0.1000")
    for shown in (shell.run("list"), shell.run("show", str(sent["action_id"]))):
        assert "5320000001" not in shown
        assert "Merhaba" not in shown
    assert shell.send("a-1")["action_id"] == sent["action_id"]


def test_a_file_of_actions_is_queued_whole_once_or_not_at_all(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "batch.jsonl"
    lines = [f'{{"once": "b-{at}", "payload": {{"to": "+905320000001"}}}}' for at in range(3)]
    file.write_text("\n".join([*lines, '{"once": "b-3", "payload": {}}']))
    shell.run("batch", "deneme.sms", str(file), status=1)
    assert json.loads(shell.run("list")) == []
    file.write_text("\n".join(lines))
    first, second = (json.loads(shell.run("batch", "deneme.sms", str(file))) for _ in range(2))
    assert [(each["queued"], each["repeated"]) for each in (first, second)] == [(3, 0), (0, 3)]


def test_what_is_wrong_is_named_as_it_was_typed(shell: Shell, tmp_path: Path) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text('{"text": "Merhaba"}')
    typed = ("send", "deneme.sms", "--from-file", str(payload), "--once", "x" * 201, "--purpose", "a\nb")
    assert shell.refused(*typed) == ["--once", "--purpose", "payload.to"]
    file = tmp_path / "batch.jsonl"
    right, wrong = '{"once": "k", "payload": {"to": "+905320000001"}}', '{"once": "", "payload": {}}'
    file.write_text(f"{right}\n{wrong}")
    assert shell.refused("batch", "deneme.sms", str(file), "--commercial") == ["--purpose", "2:once", "2:payload.to"]
    file.write_text(wrong)
    assert shell.refused("batch", "deneme.sms", str(file)) == ["1:once", "1:payload.to"]


def test_an_urgent_kind_is_done_at_once(shell: Shell) -> None:
    shell.bench.kinds["deneme.otp"] = kind(shell.bench.far, "deneme.otp", urgent=True)
    assert shell.send("o-1", name="deneme.otp")["state"] == "accepted"
    assert shell.bench.far.ledger.total() == 1


def test_a_person_decides_of_what_is_stuck(shell: Shell) -> None:
    from connectors.actions import Unclear
    from tests.hub.outbox.far_end import LOST

    shell.bench.kinds["deneme.sms"] = kind(shell.bench.far, asking="never")
    shell.bench.far.answers = [Unclear(LOST)]
    action = str(shell.send("a-1")["action_id"])
    shell.bench.drain()
    assert [each["reason"] for each in json.loads(shell.run("list", "--state", "unknown"))] == ["needs_decision"]
    assert json.loads(shell.run("settle", action, "--as", "failed"))["state"] == "failed"
    assert json.loads(shell.run("retry", action))["state"] == "pending"
    assert json.loads(shell.run("withdraw", action))["reason"] == "withdrawn"
    entries = shell.bench.execute(
        "SELECT action FROM hub.audit_log WHERE tenant_id = %s AND object = %s ORDER BY seq",
        shell.bench.tenant,
        f"action:{UUID(action)}",
    )
    assert entries == [("action.settle.failed",), ("action.retry",), ("action.withdraw",)]


def test_what_an_action_ended_by_is_told_in_words_without_places_to_fill(shell: Shell) -> None:
    from connectors.actions import Refused
    from connectors.failure import ProviderFailure

    shell.bench.far.answers = [Refused(ProviderFailure("permanent", "settings_invalid"))]
    action = str(shell.send("s-1")["action_id"])
    shell.bench.drain()
    shown = CliRunner().invoke(app, ["actions", "show", action, "--tenant", shell.bench.tenant])
    assert (shown.exit_code, "failed" in shown.output, "{" in shown.output) == (0, True, False)


def test_every_kind_of_action_has_a_title_in_both_languages() -> None:
    from connectors.action_registry import kinds
    from hub.i18n import speaking
    from hub.message_texts import action_titles
    from hub.messages import text_of

    assert {f"action_{name.replace('.', '_')}" for name in kinds()} == action_titles.TEXTS.keys()
    titles: dict[str, str] = {}
    for language in ("en", "tr"):
        with speaking(language):
            titles[language] = text_of("action_netgsm_otp")
    assert titles == {"en": "One-time password (SMS)", "tr": "Tek kullanımlık şifre (SMS)"}


def test_a_payment_links_address_is_shown_by_its_own_command_alone(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.outbox.payment_links.KINDS", ("deneme.sms",))
    action = str(shell.send("link-1")["action_id"])
    shell.run("link", action, status=1)
    bench = shell.bench
    keys = bench.keyring.tenant(bench.tenant)
    private, _mark = private_part(keys, action, {}, "AAVSZg", {"url": "https://odeme.invalid/AAVSZg"})
    with bench.database.tenant(bench.tenant, "app") as connection:
        connection.execute("UPDATE hub.actions SET private_cipher = %s WHERE action_id = %s", (private, action))
    assert json.loads(shell.run("link", action)) == {
        "url": "https://odeme.invalid/AAVSZg",
        "image_url": None,
        "token": "AAVSZg",
    }
    assert "odeme" not in shell.run("show", action)
