"""A real Dagster of its own, with a webserver that is read-only and one that is not, and doors in front of it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.routing import Mount

from hub.api.outermost import Outermost
from hub.dagster_door.access import Access, AttemptNote, MutationNote
from hub.dagster_door.door import dagster_door
from hub.dagster_door.limits import Limits
from hub.identity.caller import PLATFORM_SCOPE, Caller
from hub.identity.permissions import ROLES, Role
from hub.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "__Host-hub_session"


def caller(role: Role, subject: UUID | None = None) -> Caller:
    home = PLATFORM_SCOPE if role in (Role.PLATFORM_ADMIN, Role.PLATFORM_ANALYST) else "tdeneme22222"
    return Caller(home, "user", subject or uuid4(), role, ROLES[role], second_factor=True)


@dataclass
class Sessions:
    """A stub of the API's sign-in: who a cookie or a bearer token belongs to."""

    of: dict[str, Access] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def open(self, role: Role, *, may_operate: bool = True) -> str:
        name = f"session-{uuid4().hex}"
        self.of[name] = Access(caller(role), may_operate)
        return name

    async def authorise(self, scope: Scope) -> Access | None:
        headers = Headers(scope=scope)
        cookie = headers.get("cookie", "").removeprefix(f"{COOKIE}=")
        name = cookie or headers.get("authorization", "").removeprefix("Bearer ")
        self.asked.append(name)
        return self.of.get(name)


@dataclass
class House:
    """A served door. `base` ends before `/dagster`."""

    base: str
    sessions: Sessions
    notes: list[MutationNote]
    instance: DagsterInstance
    recheck: Callable[[], None]
    attempts: list[AttemptNote]
    denied: list[str]
    """Why websockets were refused; the client is not told."""

    @property
    def port(self) -> int:
        return int(self.base.rsplit(":", 1)[1])

    def client(self, role: Role | None, *, may_operate: bool = True, **headers: str) -> httpx.Client:
        """A program's client: signed in as somebody of that role, and saying that it is no other site's page."""
        given = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin", **headers}
        if role is not None:
            given["Cookie"] = f"{COOKIE}={self.sessions.open(role, may_operate=may_operate)}"
        return httpx.Client(base_url=self.base, headers=given, timeout=30)

    def raw(self, request: bytes) -> bytes:
        """What comes back for bytes that no well-behaved client would send."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request)
            answer = b""
            while part := connection.recv(65_536):
                answer += part
        return answer


@dataclass
class Rechecks:
    """Stands for the minute between two checks: it is over when a test says so."""

    loop: asyncio.AbstractEventLoop | None = None
    due: asyncio.Event | None = None

    async def wait(self) -> None:
        if self.due is None:
            self.loop, self.due = asyncio.get_running_loop(), asyncio.Event()
        await self.due.wait()
        self.due.clear()

    def now(self) -> None:
        assert self.loop is not None
        assert self.due is not None
        self.loop.call_soon_threadsafe(self.due.set)


@contextmanager
def served(app: ASGIApp, **options: Any) -> Iterator[str]:
    """The address of an application on loopback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        # What clients say of themselves is believed from proxies that are trusted, and here there is none.
        config = uvicorn.Config(app, access_log=False, log_level="error", proxy_headers=False, **options)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            scheme = "https" if "ssl_certfile" in options else "http"
            yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


@dataclass(frozen=True)
class Dagster:
    """Addresses of the two webservers, and the instance that both serve."""

    readonly_url: str
    admin_url: str
    instance: DagsterInstance


@contextmanager
def dagster() -> Iterator[Dagster]:
    """Dagster's own webserver application, twice, without any code location."""
    from dagster._core.test_utils import instance_for_test
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import EmptyWorkspaceTarget
    from dagster_webserver.app import create_app_from_workspace_process_context as webserver

    with (
        instance_for_test(overrides={"telemetry": {"enabled": False}, "nux": {"enabled": False}}) as instance,
        WorkspaceProcessContext(instance, EmptyWorkspaceTarget(), read_only=True) as reading,
        WorkspaceProcessContext(instance, EmptyWorkspaceTarget(), read_only=False) as writing,
        served(webserver(reading, "/dagster")) as readonly_url,
        served(webserver(writing, "/dagster")) as admin_url,
    ):
        yield Dagster(f"{readonly_url}/dagster", f"{admin_url}/dagster", instance)


@contextmanager
def house(
    behind: Dagster,
    *,
    admin: bool = True,
    readonly_url: str | None = None,
    admin_url: str | None = None,
    limits: Limits | None = None,
    audited: Callable[[MutationNote], None] | None = None,
    stranger: Callable[[], None] = lambda: None,
    **options: Any,
) -> Iterator[House]:
    """A door in front of it, mounted as the API mounts it."""
    sessions, notes, rechecks = Sessions(), list[MutationNote](), Rechecks()
    attempts: list[AttemptNote] = []

    async def note(given: MutationNote) -> None:
        if audited is not None:
            audited(given)
        notes.append(given)

    async def attempted(given: AttemptNote) -> None:
        attempts.append(given)

    async def strangers(_ip: str | None) -> None:
        stranger()

    door = dagster_door(
        authorise=sessions.authorise,
        readonly_url=readonly_url or behind.readonly_url,
        admin_url=(admin_url or behind.admin_url) if admin else None,
        audited=note,
        attempted=attempted,
        strangers=strangers,
        limits=limits,
        recheck_due=rechecks.wait,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await door.aclose()

    denied: list[str] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "websocket.close":
                denied.append(message["reason"])
            await send(message)

        await door(scope, receive, watch)

    app = Outermost(Starlette(routes=[Mount("/dagster", watched)], lifespan=lifespan), Settings(language="en"))
    with served(app, **options) as base:
        yield House(base, sessions, notes, behind.instance, rechecks.now, attempts, denied)
