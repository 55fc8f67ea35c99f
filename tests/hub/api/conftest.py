"""The front door over real HTTP, with somebody of every role and a machine, each with a token of their own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import pyotp
import pytest

from connectors.secret import Secret
from hub.api.app import front_door
from hub.api.serve import listen, server_of, services_of
from hub.control import tenants
from hub.identity import account, api_keys, attempts, users
from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.permissions import PLATFORM_ROLES, ROLES, Role, wants_second_factor
from hub.identity.record import NewUser
from hub.kvkk import audit

if TYPE_CHECKING:
    from hub.api.services import Services
    from hub.settings import Settings
    from tests.conftest import MakeTenant

PASSWORD = "yaylada üç kırmızı at"
_RENEWED_AFTER = 240
"""Seconds: a code of a second factor is used once, so nobody signs in twice in its half minute."""
OPERATOR = audit.Actor("test", "operator")


@dataclass
class Person:
    """Somebody who is signed in."""

    role: Role
    tenant_id: str
    user_id: UUID
    email: str
    token: str
    secret: str | None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Door:
    """A served front door and those who come to it."""

    services: Services
    url: str
    own: str
    other: str
    people: dict[tuple[str, Role], Person]
    machine: dict[str, str]
    since: float = field(default_factory=time.monotonic)

    def client(self, role: Role | None = None, *, tenant: str | None = None, **headers: str) -> httpx.Client:
        """A client as somebody of that role: of tenant `own`, or of `other`; the staff narrow to `tenant`."""
        sent = {"Accept-Language": "en", **headers}
        if role is Role.MACHINE:
            sent["Authorization"] = f"Bearer {self.machine[tenant or self.own]}"
        elif role is not None:
            home = PLATFORM_SCOPE if role in PLATFORM_ROLES else tenant or self.own
            sent |= self.people[home, role].headers
            if role in PLATFORM_ROLES and tenant is not None:
                sent["Hub-Tenant"] = tenant
        return httpx.Client(base_url=self.url, headers=sent, timeout=30)

    def renew(self) -> None:
        """Sign everybody in again where that was minutes ago, for what takes longer than an access token lives."""
        if time.monotonic() - self.since < _RENEWED_AFTER:
            return
        self.since = time.monotonic()
        for key, person in self.people.items():
            code = pyotp.TOTP(person.secret).now() if person.secret else None
            tokens = self.services.sign_in.password(
                person.email, PASSWORD, tenant=None, code=code, source="127.0.0.1", user_agent="test"
            )
            self.people[key] = replace(person, token=tokens.access_token)


def sign_in(url: str, email: str, code: str | None = None, **fields: str) -> httpx.Response:
    """Ask for tokens with the password that everybody here has."""
    form = {"grant_type": "password", "username": email, "password": PASSWORD, **fields}
    if code is not None:
        form["code"] = code
    return httpx.post(f"{url}/api/v1/auth/token", data=form, headers={"Accept-Language": "en"})


def _person(services: Services, tenant_id: str, role: Role) -> Person:
    email = f"{role.value}-{uuid4().hex[:10]}@ornek.com.tr"
    new = NewUser(email=email, name="Ayşe Yılmaz", role=role)
    added = users.add(
        services.database, services.keyring, tenant_id, new, actor=OPERATOR, password=Secret(PASSWORD)
    ).user
    secret: str | None = None
    code: str | None = None
    if wants_second_factor(role):
        begun = account.begin_second_factor(
            services.database, services.keyring, tenant_id, added.user_id, password=PASSWORD, source=None
        )
        secret = begun.secret
        totp = pyotp.TOTP(secret)
        # The step before: the next code is then still good, for one works once.
        account.confirm_second_factor(
            services.database,
            services.keyring,
            tenant_id,
            added.user_id,
            totp.at(int(time.time()) - 30),
            session=None,
            source=None,
        )
        code = totp.now()
    tokens = services.sign_in.password(email, PASSWORD, tenant=None, code=code, source="127.0.0.1", user_agent="test")
    return Person(role, tenant_id, added.user_id, email, tokens.access_token, secret)


@pytest.fixture(scope="session")
def served(installation: Settings) -> Iterator[tuple[Services, str]]:
    """The front door on a free port of loopback, in a thread of its own.

    All that asks for links asks from loopback, for which the counter of a network is no measure.
    """
    rule = replace(attempts.OF_LINKS, free=10_000_000)
    with pytest.MonkeyPatch.context() as patch, services_of(installation) as services:
        patch.setattr(attempts, "OF_LINKS", rule)
        listening = listen("127.0.0.1", 0)
        server = server_of(installation, front_door(services))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield services, f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def door(served: tuple[Services, str], make_tenant: MakeTenant) -> Door:
    """Two tenants with somebody of each role and a key with all that a machine may do, and the operator's staff."""
    services, url = served
    own, other = make_tenant(limits=_generous()), make_tenant(limits=_generous())
    people = {(PLATFORM_SCOPE, role): _person(services, PLATFORM_SCOPE, role) for role in PLATFORM_ROLES}
    machines: dict[str, str] = {}
    for tenant_id in (own, other):
        for role in (Role.OWNER, Role.ENGINEER, Role.ANALYST, Role.DPO):
            people[tenant_id, role] = _person(services, tenant_id, role)
        new = api_keys.NewKey(label="test", scopes=ROLES[Role.MACHINE])
        machines[tenant_id] = api_keys.create(services.database, tenant_id, new, actor=OPERATOR).secret
    return Door(services, url, own, other, people, machines)


def _generous() -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb({"api_calls_per_minute": 1_000_000, "api_burst": 100_000})


@pytest.fixture
def suspended(door: Door, make_tenant: MakeTenant) -> tuple[str, str, dict[str, str]]:
    """A tenant that was suspended after its owner signed in and its key was made: id, owner's address, bearers."""
    tenant_id, email = make_tenant(limits=_generous()), f"{uuid4().hex}@ornek.com.tr"
    database, keyring = door.services.database, door.services.keyring
    new = NewUser(email=email, name="Ayşe Yılmaz", role=Role.OWNER)
    users.add(database, keyring, tenant_id, new, actor=OPERATOR, password=Secret(PASSWORD))
    key = api_keys.create(database, tenant_id, api_keys.NewKey(label="x", scopes=ROLES[Role.MACHINE]), actor=OPERATOR)
    session = sign_in(door.url, email).json()["access_token"]
    tenants.suspend(database, tenant_id, actor=OPERATOR)
    return tenant_id, email, {"session": session, "key": key.secret}


@pytest.fixture(scope="module")
def crowd() -> Iterator[None]:
    """So many strangers and staff come from loopback that the limits of both would hide what a module asks about."""
    from hub.api import limiting

    with pytest.MonkeyPatch.context() as patch:
        for name in ("STRANGERS_PER_MINUTE", "STRANGERS_BURST", "STAFF_PER_MINUTE", "STAFF_BURST"):
            patch.setattr(limiting, name, 10_000_000)
        yield


@pytest.fixture
def raw(served: tuple[Services, str]) -> Callable[[bytes], bytes]:
    """Send bytes as they are, and get all that comes back."""
    port = int(served[1].rpartition(":")[2])

    def send(request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(request)
            answer = b""
            while part := connection.recv(65_536):
                answer += part
            return answer

    return send
