"""Commands run in this process on the session's installation, as a person would type them."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from hub.cli import main
from hub.i18n import use
from hub.settings import Settings


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit status, standard output, error stream."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture
def hub(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """`hub("tenants", "list", stdin="...")`. English unless `--lang` says otherwise."""
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("LANGUAGE", "en")
    for name in ("HUB_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, stdin: str = "") -> Outcome:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        status = main(arguments)
        shown = capsys.readouterr()
        return Outcome(status, shown.out, shown.err)

    yield run
    use("en")  # a command speaks for its whole process


@pytest.fixture
def subdomain() -> str:
    """A subdomain that no tenant has."""
    return f"komut-{secrets.token_hex(6)}"


@pytest.fixture
def tenant(hub: Run, subdomain: str) -> dict[str, Any]:
    """A tenant added by the command line."""
    added = hub("tenants", "add", "--from-file", "-", "--json", stdin=json.dumps(tenant_fields(subdomain)))
    assert added.status == 0, added.err
    return added.json()


def tenant_fields(subdomain: str) -> dict[str, Any]:
    """Right values for a tenant."""
    return {
        "name": "Komut Ltd. Şti.",
        "subdomain": subdomain,
        "tax_number": "1234567890",
        "tax_office": "Beşiktaş",
        "kvkk_consent_date": "2026-02-01",
        "plan": "professional",
    }
