from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.failure import ProviderFailure
from hub.cli.localise import command_in_language, tree
from hub.i18n import speaking
from tests.hub.cli.conftest import Run
from tests.hub.test_messages import turkish

ROOT = Path(__file__).parents[3]


def commands(prefix: tuple[str, ...] = (), node: Any = None) -> list[tuple[str, ...]]:
    node = node or command_in_language()
    below = getattr(node, "commands", {})
    return [prefix] if not below else [path for name, each in below.items() for path in commands((*prefix, name), each)]


def test_the_commands_are_those_of_the_design() -> None:
    assert {" ".join(path) for path in commands()} == {
        "actions batch",
        "actions caps list",
        "actions caps set",
        "actions drain",
        "actions kinds",
        "actions link",
        "actions list",
        "actions reconcile",
        "actions retry",
        "actions send",
        "actions settle",
        "actions show",
        "actions withdraw",
        "api-keys create",
        "api-keys list",
        "api-keys revoke",
        "api-keys rotate",
        "backup dagster",
        "backup data",
        "backup keys",
        "demo",
        "doctor",
        "einvoice build",
        "einvoice cancel",
        "einvoice check",
        "einvoice envelope pack",
        "einvoice envelope unpack",
        "einvoice fetch",
        "einvoice from-payment",
        "einvoice incoming answer",
        "einvoice incoming fetch",
        "einvoice incoming list",
        "einvoice list",
        "einvoice profile",
        "einvoice seal remove",
        "einvoice seal set",
        "einvoice send",
        "einvoice series add",
        "einvoice series confirm",
        "einvoice series list",
        "einvoice show",
        "einvoice sign",
        "einvoice taxpayer",
        "einvoice verify",
        "einvoice view",
        "einvoice void",
        "findeks order",
        "inbox list",
        "inbox replay",
        "inbox serve",
        "integrations list",
        "integrations pause",
        "integrations reset-cursor",
        "integrations resume",
        "integrations set",
        "integrations test",
        "integrations webhook",
        "iys opt-out",
        "iys pull",
        "iys push",
        "iys reconcile",
        "iys status",
        "keys rotate master",
        "keys rotate tenant",
        "keys signing rotate",
        "keys signing show",
        "keys status",
        "kvkk audit heads",
        "kvkk audit list",
        "kvkk audit verify",
        "kvkk bases end",
        "kvkk bases list",
        "kvkk bases record",
        "kvkk breach close",
        "kvkk breach draft",
        "kvkk breach list",
        "kvkk breach notify",
        "kvkk breach register",
        "kvkk breach send",
        "kvkk breach show",
        "kvkk breach subjects",
        "kvkk breach update",
        "kvkk consents checks",
        "kvkk consents list",
        "kvkk consents record",
        "kvkk consents settle",
        "kvkk consents show",
        "kvkk consents withdraw",
        "kvkk erase",
        "kvkk export fetch",
        "kvkk export link",
        "kvkk export list",
        "kvkk export passphrase",
        "kvkk export serve",
        "kvkk export sweep",
        "kvkk holds list",
        "kvkk holds place",
        "kvkk holds release",
        "kvkk inventory",
        "kvkk mails list",
        "kvkk mails retry",
        "kvkk mails settle",
        "kvkk overrides list",
        "kvkk overrides remove",
        "kvkk overrides set",
        "kvkk refusals",
        "kvkk renew",
        "kvkk requests answer",
        "kvkk requests ask",
        "kvkk requests assign",
        "kvkk requests close",
        "kvkk requests identify",
        "kvkk requests list",
        "kvkk requests open",
        "kvkk requests refuse",
        "kvkk requests review",
        "kvkk requests send-link",
        "kvkk requests settings",
        "kvkk requests show",
        "kvkk requests start",
        "kvkk requests summary",
        "kvkk retention plan",
        "kvkk retention run",
        "kvkk reveal",
        "kvkk revealers list",
        "kvkk revealers permit",
        "kvkk revealers revoke",
        "kvkk subjects assign",
        "kvkk subjects link",
        "kvkk subjects review",
        "kvkk subjects share",
        "kvkk subjects shared",
        "kvkk subjects show",
        "kvkk subjects unassign",
        "kvkk subjects unlink",
        "kvkk subjects unshare",
        "kvkk withheld list",
        "kvkk withheld read",
        "migrate",
        "pii detect",
        "pii mask",
        "pii scan",
        "restore",
        "sms balance",
        "sms headers",
        "sms preview",
        "sql",
        "status",
        "sync",
        "templates add",
        "templates list",
        "templates render",
        "templates retire",
        "templates show",
        "tenants add",
        "tenants analyst add",
        "tenants analyst remove",
        "tenants analyst rotate",
        "tenants change",
        "tenants forget",
        "tenants list",
        "tenants messaging",
        "tenants resume",
        "tenants suspend",
        "tenants usage",
        "up",
        "users add",
        "users disable",
        "users enable",
        "users list",
        "users reset",
        "users reset-second-factor",
        "users role",
        "users sessions",
        "users show",
        "webhooks add",
        "webhooks change",
        "webhooks deliveries",
        "webhooks list",
        "webhooks pause",
        "webhooks remove",
        "webhooks resend",
        "webhooks resume",
        "webhooks rotate-secret",
        "webhooks show",
        "webhooks test",
        "whatsapp templates",
    }


def test_every_command_option_and_argument_has_a_help_text_in_turkish() -> None:
    translated = set(turkish().values())
    with speaking("tr"):
        for command in tree(command_in_language()):
            assert command.help in translated, command.name
            for parameter in command.params:
                assert parameter.help in translated, (command.name, parameter.name)


def test_no_command_shows_a_text_past_the_catalogue() -> None:
    past: list[str] = []
    for path in sorted((ROOT / "hub" / "cli").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and called(node) in {"say", "note", "echo", "progress", "show_table"}:
                past += [f"{path.name}:{node.lineno}" for argument in node.args if has_words(argument)]

    assert past == []


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def has_words(node: ast.expr) -> bool:
    """A text of its own, and not one inside `_(...)`."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and any(letter.isalpha() for letter in node.value)
    if isinstance(node, ast.Call) and called(node) in {"_", "text_of", "dumps"}:
        return False
    if isinstance(node, ast.Attribute):
        return has_words(node.value)
    parts = [*getattr(node, "values", []), *getattr(node, "elts", [])]
    return any(has_words(part) for part in parts) or (isinstance(node, ast.Call) and has_words(node.func))


def test_no_option_takes_a_secret_or_an_identity_number() -> None:
    names = {parameter.name for command in tree(command_in_language()) for parameter in command.params}

    assert not {name for name in names if any(word in name for word in ("secret", "password", "tax_number", "key"))}
    assert "subject" not in names
    assert "tckn" not in names


def test_help_is_in_one_language(hub: Run) -> None:
    shown = hub("--lang", "tr", "sync", "--help").out

    assert shown.startswith("Kullanım: hub sync [SEÇENEKLER] {PROVIDER}")
    assert not re.search(r"\b(Usage|OPTIONS|Options|Arguments|required|default)\b", shown)


def test_what_was_misused_is_json_where_json_was_asked_for(hub: Run) -> None:
    shown = hub("status", "--json", "--nope")

    assert (shown.status, shown.out) == (2, "")
    assert json.loads(shown.err)["error"]["code"] == "misused"


def test_a_command_that_is_told_to_end_tidies_up_first(hub: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    tidied: list[int] = []

    for number in (signal.SIGTERM, signal.SIGHUP):

        def end(*_arguments: object, number: int = number) -> None:
            try:
                os.kill(os.getpid(), number)
            finally:
                tidied.append(number)

        monkeypatch.setattr("hub.control.tenants.directory", end)
        assert hub("tenants", "list").status == 130
    assert tidied == [signal.SIGTERM, signal.SIGHUP]


def test_a_command_that_swallows_the_interruption_ends_all_the_same() -> None:
    program = (
        "import os, signal, sys, time; import hub.cli.run\n"
        "hub.cli.run.TIDY_SECONDS = 0.2\n"
        "def deaf():\n"
        "    try: os.kill(os.getpid(), signal.SIGTERM)\n"
        "    except KeyboardInterrupt: time.sleep(60)\n"
        "hub.cli.run.command_in_language = lambda: type('', (), {'main': staticmethod(lambda **_: deaf())})\n"
        "sys.exit(hub.cli.run.run(['status']))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, timeout=40)

    assert done.returncode == 130


def test_help_ends_well_and_names_the_commands(hub: Run) -> None:
    shown = hub("--help")

    assert shown.status == 0
    assert "tenants" in shown.out
    assert hub("tenants", "add", "-h").status == 0


def test_a_command_that_is_not_right_ends_with_2_and_says_so_in_the_persons_language(hub: Run) -> None:
    wrong = (
        ("nope",),
        (),
        ("tenants", "suspend"),
        ("status", "--nope"),
        ("status", "more"),
        ("up", "--port", "x"),
        ("sync", "nope"),
        ("sync", "iyzico", "--stream", "nope"),
        ("sync", "iyzico", "--from", "gestern"),
        ("integrations", "set", "iyzico", "--tenant", "x", "--setting", "nope"),
    )
    for arguments in wrong:
        assert hub(*arguments).status == 2, arguments
        turkish_words = hub("--lang", "tr", *arguments).err
        assert not re.search(r"\b(Missing|No such|Got|Invalid|Input|value|argument)\b", turkish_words), turkish_words

    assert hub("--lang", "tr", "tenants", "suspend").err.startswith("'TENANT' eksik.")
    assert hub("tenants", "suspend").err.startswith("'TENANT' is missing.")


def test_an_error_ends_with_1_and_says_what_to_do(hub: Run) -> None:
    shown = hub("--lang", "tr", "tenants", "suspend", "yok")

    assert shown.status == 1
    assert "hub tenants list" in shown.err
    assert "yok diye bir kiracı yok" in shown.err


def test_a_command_on_a_home_that_is_not_there_makes_none(
    hub: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "none"))
    shown = hub("status")

    assert shown.status == 1
    assert "Run: hub migrate" in shown.err
    assert not (tmp_path / "none").exists()


def test_an_error_is_json_where_json_was_asked_for(hub: Run) -> None:
    shown = hub("tenants", "suspend", "yok", "--json")

    assert shown.status == 1
    assert shown.out == ""
    assert json.loads(shown.err)["error"]["code"] == "tenant_unknown"


def test_a_language_the_hub_does_not_speak_is_refused(hub: Run) -> None:
    assert hub("--lang", "xx", "tenants", "list").status == 2


def test_an_unforeseen_error_shows_its_place_and_never_its_text(hub: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_arguments: object) -> None:
        raise ValueError("10000000146 Ayşe Yılmaz")

    monkeypatch.setattr("hub.control.tenants.directory", explode)
    shown = hub("tenants", "list")

    assert shown.status == 1
    assert "ValueError at test_run.py:" in shown.err
    assert "10000000146" not in shown.err + shown.out


def test_a_providers_failure_is_explained(hub: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise ProviderFailure("permanent", "credentials_expired", status=401)

    monkeypatch.setattr("hub.control.tenants.directory", refuse)

    assert "(HTTP status 401)" in hub("tenants", "list").err


def test_an_interrupted_command_ends_with_130(hub: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hub.control.tenants.directory", interrupt)

    assert hub("tenants", "list").status == 130


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; from hub.cli import main; main(['--help']);"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
    )

    heavy = {"dagster", "dlt", "presidio_analyzer", "great_expectations", "spacy", "alembic", "pandas", "pyarrow"}
    heavy |= {"numpy", "pydantic", "pydantic_settings", "psycopg", "httpx", "rich", "babel", "cryptography"}
    assert set(done.stderr.split()) & heavy == set()
