from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.findeks import PROVIDER
from connectors.findeks.streams.reports import PURPOSE
from connectors.sandbox.findeks.desk import orders_of
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from hub.cli import main
from hub.control import consents, grounds, integrations
from hub.control.account import Account
from hub.control.consent_record import NewConsent
from hub.db.database import Database
from hub.i18n import use
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from hub.validation import checked
from tests.conftest import MakeTenant

Answer = str | Callable[[], str]


@dataclass
class Office:
    """A tenant with an account at the gateway, and somebody at its keyboard."""

    settings: Settings
    database: Database
    keyring: Keyring
    sandbox: Sandbox
    tenant: str
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    said: list[str] = field(default_factory=list)

    @property
    def person(self) -> Any:
        return self.sandbox.world.company(self.tenant).customer(2)

    def pin(self) -> str:
        """What the person reads out."""
        pin = orders_of(self.sandbox.world).pin(self.tenant)
        assert pin is not None
        return pin

    def consent(self, **changes: Any) -> consents.Consent:
        """Let the person consent."""
        values: dict[str, Any] = {
            "purpose": PURPOSE,
            "data_categories": ["KIMLIK", "FINANS"],
            "retention_period": "P1Y",
            "consent_text": "Kredi raporumun sorgulanmasına açık rıza veriyorum.",
            "text_version": "v1",
            "notice_id": "aydinlatma-1",
            "given_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
            "channel": "web",
            "evidence_ref": "form-1",
            **changes,
        }
        subject = grounds.subject_pseudonym(self.keyring, self.tenant, "tckn", Secret(self.person.tckn))
        new = checked(NewConsent, values)
        return consents.record(self.database, self.tenant, kind="tckn", subject=subject, new=new)

    def order(self, *more: str, typed: Sequence[Answer] | None = None) -> int:
        """`hub findeks order`; its exit status. `typed` are number, telephone and PINs, made when asked for."""
        answers = iter([self.person.tckn, "1", self.pin] if typed is None else typed)
        self.monkeypatch.setattr("sys.stdin", _Typed(answers))
        self.capsys.readouterr()
        status = main(["findeks", "order", "--tenant", self.tenant, *more])
        shown = self.capsys.readouterr()
        self.said = [shown.out, shown.err]
        return status

    def deeds(self, what: str) -> int:
        return len(self.sandbox.world.ledger.deeds(provider="findeks", company=self.tenant, what=what))

    def rows(self, statement: str, *values: Any) -> list[Any]:
        with self.database.tenant(self.tenant, "app") as connection:
            return connection.execute(statement, (self.tenant, *values)).fetchall()  # type: ignore[arg-type]


class _Typed:
    def __init__(self, answers: Iterator[Answer]) -> None:
        self._answers = answers

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        answer = next(self._answers, "")
        return f"{answer() if callable(answer) else answer}\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture
def office(
    settings: Settings,
    database: Database,
    make_tenant: MakeTenant,
    sandbox: Sandbox,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("LANGUAGE", "en")
    for name in ("HUB_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    keyring, tenant = Keyring(database, read_master_key(settings.master_key_file)), make_tenant()
    secrets = {name: Secret(value) for name, value in sandbox.credentials(tenant, "findeks").items()}
    account = Account("sandbox", secrets, base_url=sandbox.url, settings={"report_price": "12.50"})
    integrations.connect(database, keyring, PROVIDER, tenant, account)
    sandbox.world.faults.clear()
    yield Office(settings, database, keyring, sandbox, tenant, capsys, monkeypatch)
    use("en")
    with database.tenant(tenant, "app") as connection:  # the session's database is everybody's
        for table in ("hub.action_attempts", "hub.actions", "hub.action_holds"):
            connection.execute(f"DELETE FROM {table} WHERE tenant_id = %s".encode(), (tenant,))  # noqa: S608 - our own names
