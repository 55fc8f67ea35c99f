"""People with passwords on the session's installation: short keys, clocks that a test moves."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from connectors.secret import Secret
from hub.db.database import Database
from hub.identity import signing_keys, users
from hub.identity.permissions import Role
from hub.identity.record import NewUser, User
from hub.identity.scope import PLATFORM_SCOPE
from hub.identity.sign_in import SignIn
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import Actor
from hub.settings import Settings

OPERATOR = Actor("deneme", "operator")
PASSWORD = "kırk yıllık hatır, bir fincan"
HOME_NETWORK = "198.51.100.7"


@dataclass
class Clock:
    """A clock that a test moves; it starts at the true time, which the tables' own defaults have."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="module", autouse=True)
def _short_keys() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(signing_keys, "KEY_BITS", 2048)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
def sign_in(database: Database, keyring: Keyring) -> SignIn:
    """A process of its own: it remembers nothing of what others read."""
    return SignIn(database, keyring)


MakeUser = Callable[..., User]


@pytest.fixture
def make_user(database: Database, keyring: Keyring, make_tenant: Callable[..., str]) -> MakeUser:
    """`make_user(role, tenant_id=..., email=..., password=...)`: active unless `password` is None."""

    def make(
        role: Role = Role.ENGINEER,
        *,
        tenant_id: str | None = None,
        email: str | None = None,
        password: str | None = PASSWORD,
    ) -> User:
        platform = role in (Role.PLATFORM_ADMIN, Role.PLATFORM_ANALYST)
        home = PLATFORM_SCOPE if platform else tenant_id or make_tenant()
        new = NewUser(
            email=email or f"{secrets.token_hex(8)}@ornek.com.tr", name="Ayşe Yılmaz", role=role, language="tr"
        )
        given = Secret(password) if password else None
        return users.add(database, keyring, home, new, actor=OPERATOR, password=given).user

    return make
