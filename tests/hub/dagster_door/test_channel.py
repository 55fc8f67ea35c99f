"""Websockets through the door, with a real Dagster behind it and, where Dagster would not misbehave, a stand-in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from hub.dagster_door.access import Access, MutationNote
from hub.dagster_door.limits import Limits
from hub.dagster_door.operations import Mutation
from hub.identity.permissions import Role
from tests.hub.dagster_door.house import COOKIE, Dagster, House, caller, house
from tests.support.waiting import until

ADMIN, ANALYST = Role.PLATFORM_ADMIN, Role.PLATFORM_ANALYST
LOGS = "subscription Logs($id: ID!) { pipelineRunLogs(runId: $id) { __typename } }"
MUTATION = "mutation { reloadWorkspace { __typename } }"


@contextmanager
def opened(
    door: House,
    session: str | None,
    *,
    path: str = "/dagster/graphql",
    origin: str | None = "own",
    protocols: tuple[str, ...] = ("graphql-ws",),
    **headers: str,
) -> Iterator[ClientConnection]:
    given = dict(headers) if session is None else {"Cookie": f"{COOKIE}={session}", **headers}
    if origin is not None:
        given["Origin"] = door.base if origin == "own" else origin
    with connect(
        door.base.replace("http://", "ws://") + path,
        additional_headers=given,
        subprotocols=[Subprotocol(name) for name in protocols] or None,
        proxy=None,
        open_timeout=30,
        close_timeout=5,
    ) as websocket:
        yield websocket


def refused_with(door: House, session: str | None, **options: Any) -> str:
    door.denied.clear()
    with pytest.raises(InvalidStatus) as refusal, opened(door, session, **options):
        pass
    assert refusal.value.response.status_code == 403
    (reason,) = door.denied
    return reason


def say(websocket: ClientConnection, **message: Any) -> None:
    websocket.send(json.dumps(message))


def hear(websocket: ClientConnection) -> Any:
    return json.loads(websocket.recv(30))


def end_of(websocket: ClientConnection) -> tuple[int, str]:
    """The code and reason with which the door closes, whatever comes before."""
    with suppress(ConnectionClosed):
        while True:
            websocket.recv(30)
    closed = websocket.protocol.close_rcvd
    assert closed is not None
    return closed.code, closed.reason


class TestWhoComesIn:
    def test_without_a_session_or_with_a_tenants_there_is_no_websocket(self, door: House) -> None:
        assert refused_with(door, None) == "dagster_not_signed_in"
        for role in (Role.OWNER, Role.ANALYST, Role.MACHINE):
            assert refused_with(door, door.sessions.open(role)) == "dagster_not_here"

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
    def test_another_sites_page_opens_none_with_our_cookie(self, door: House, origin: str | None) -> None:
        assert refused_with(door, door.sessions.open(ADMIN), origin=origin) == "dagster_cross_site"

    @pytest.mark.parametrize("path", ["/dagster/runs", "/dagster/", "/dagster/%67raphql", "/dagster/../x/graphql"])
    def test_nowhere_else_is_one(self, door: House, path: str) -> None:
        assert refused_with(door, door.sessions.open(ADMIN), path=path) == "dagster_not_here"

    @pytest.mark.parametrize("protocols", [(), ("chat",), ("graphql-transport-ws",)])
    def test_dagster_speaks_graphql_ws_alone(self, door: House, protocols: tuple[str, ...]) -> None:
        session = door.sessions.open(ANALYST)

        assert refused_with(door, session, protocols=protocols) == "dagster_subprotocol"

    def test_more_than_the_limit_are_refused_until_one_ends(self, behind: Dagster) -> None:
        with house(behind, limits=Limits(sockets=1)) as door:
            session = door.sessions.open(ANALYST)
            with opened(door, session):
                assert refused_with(door, session) == "dagster_too_many_sockets"

            def answers() -> bool:
                try:
                    with opened(door, session) as again:
                        say(again, type="connection_init")
                        return hear(again) == {"type": "connection_ack"}
                except InvalidStatus:
                    return False

            until("a websocket is let in again", answers, seconds=30)

    def test_without_dagster_there_is_none(self, behind: Dagster, free_port: int) -> None:
        with house(behind, readonly_url=f"http://127.0.0.1:{free_port}") as door:
            assert refused_with(door, door.sessions.open(ANALYST)) == "dagster_away"


class TestDagster:
    @pytest.mark.parametrize("role", [ANALYST, ADMIN])
    def test_a_subscription_is_answered(self, door: House, role: Role) -> None:
        protocols = ("graphql-transport-ws", "graphql-ws")
        with opened(door, door.sessions.open(role), protocols=protocols) as websocket:
            assert websocket.subprotocol == "graphql-ws"
            say(websocket, type="connection_init", payload={"token": "secret"})
            assert hear(websocket) == {"type": "connection_ack"}
            say(websocket, id="1", type="start", payload={"query": LOGS, "variables": {"id": str(uuid4())}})
            told = hear(websocket)
            say(websocket, id="1", type="stop")
            say(websocket, type="connection_terminate")
            assert end_of(websocket) == (1000, "")

        assert (told["type"], told["id"]) == ("data", "1")
        assert told["payload"]["data"]["pipelineRunLogs"] == {"__typename": "PipelineRunLogsSubscriptionFailure"}

    def test_a_mutation_of_somebody_who_only_looks_ends_it(self, door: House) -> None:
        door.notes.clear()
        with opened(door, door.sessions.open(ANALYST)) as websocket:
            say(websocket, id="1", type="start", payload={"query": MUTATION})
            assert end_of(websocket) == (4403, "dagster_operate_missing")

        (note,) = door.notes
        assert (note.result, note.over, note.mutations) == ("refused", "websocket", (Mutation("reloadWorkspace"),))

    def test_an_administrators_mutation_is_written_down_before_dagster_declines_it(self, door: House) -> None:
        door.notes.clear()
        with opened(door, door.sessions.open(ADMIN)) as websocket:
            say(websocket, id="1", type="start", payload={"query": MUTATION})
            assert hear(websocket)["type"] == "error"  # Dagster runs subscriptions here and nothing else

        assert [note.result for note in door.notes] == ["forwarded"]


class Recorder:
    """A webserver that keeps what it is told and answers or closes as it is bidden."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.closed = threading.Semaphore(0)
        self.codes: list[int | None] = []

    def __call__(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.headers.append(dict(connection.request.headers.raw_items()))
        try:
            for message in connection:
                told = json.loads(message)
                self.heard.append(told)
                if told["type"] == "stop":
                    return connection.close(int(told["id"]))
                connection.send(b"bytes" if told["type"] == "complete" else json.dumps({"heard": told["type"]}))
        except ConnectionClosed:
            pass
        finally:
            self.codes.append(connection.protocol.close_rcvd.code if connection.protocol.close_rcvd else None)
            self.closed.release()
        return None


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def recorded(behind: Dagster, recorder: Recorder) -> Iterator[House]:
    protocols = [Subprotocol("graphql-ws"), Subprotocol("graphql-transport-ws")]
    with serve(recorder, "127.0.0.1", 0, subprotocols=protocols) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        try:
            with house(behind, readonly_url=url, admin_url=url, limits=Limits(socket_text_bytes=2_000)) as door:
                yield door
        finally:
            server.shutdown()
            thread.join(30)


class TestWhatPasses:
    def test_neither_a_credential_nor_what_stands_beside_the_protocols_words(
        self, recorded: House, recorder: Recorder
    ) -> None:
        recorder.heard.clear()
        with opened(recorded, recorded.sessions.open(ADMIN), Authorization="Bearer secret") as websocket:
            say(websocket, type="connection_init", payload={"token": "secret"}, extra="secret")
            say(websocket, id="1", type="start", extra="secret", payload={"query": "{ a }", "extensions": "secret"})
            say(websocket, id="1", type="subscribe", payload={"query": "query B { a }", "operationName": "B"})
            assert [hear(websocket)["heard"] for _ in range(3)] == ["connection_init", "start", "subscribe"]

        assert "secret" not in json.dumps([recorder.heard, recorder.headers])
        assert recorder.heard[:2] == [
            {"type": "connection_init", "payload": {}},
            {"type": "start", "id": "1", "payload": {"query": "{ a }", "variables": {}}},
        ]
        assert recorder.heard[2]["payload"]["operation_name"] == "B"
        names = {name.lower() for headers in recorder.headers for name in headers}
        assert {"cookie", "authorization", "origin", "user-agent"}.isdisjoint(names)
        assert {"x-forwarded-for", "x-forwarded-prefix"} <= names

    @pytest.mark.parametrize(
        "message",
        [
            "no json",
            "[]",
            "{}",
            '{"type": "data"}',
            '{"type": ["start"]}',
            '{"type": "start", "id": "1"}',
            '{"type": "start", "id": "1", "payload": []}',
            '{"type": "start", "id": {"a": 1}, "payload": {"query": "{ a }"}}',
            '{"type": "start", "id": "1", "payload": {"query": "{"}}',
            '{"type": "start", "id": "1", "payload": {"query": "mutation { unheard_of { x } }"}}',
            '{"type": "start", "id": "%s", "payload": {"query": "{ a }"}}' % ("x" * 101),
        ],
    )
    def test_a_message_that_cannot_be_read_ends_it_and_goes_nowhere(
        self, recorded: House, recorder: Recorder, message: str
    ) -> None:
        recorder.heard.clear()
        with opened(recorded, recorded.sessions.open(ADMIN)) as websocket:
            websocket.send(message)
            assert end_of(websocket)[0] == 4400

        assert recorder.heard == []

    def test_bytes_and_too_long_a_text_end_it(self, recorded: House) -> None:
        with opened(recorded, recorded.sessions.open(ADMIN)) as websocket:
            websocket.send(b"{}")
            assert end_of(websocket)[0] == 1003
        with opened(recorded, recorded.sessions.open(ADMIN)) as websocket:
            say(websocket, type="ping", extra="x" * 2_000)
            assert end_of(websocket)[0] == 1009

    @pytest.mark.parametrize(("told", "passed"), [(1000, 1000), (1012, 1012), (4429, 4429)])
    def test_dagsters_closing_code_reaches_the_client(self, recorded: House, told: int, passed: int) -> None:
        with opened(recorded, recorded.sessions.open(ANALYST)) as websocket:
            say(websocket, type="stop", id=str(told))
            assert end_of(websocket) == (passed, "")

    @pytest.mark.parametrize(("told", "passed"), [(1000, 1000), (4321, 4321), (1001, 1001)])
    def test_the_clients_closing_code_reaches_dagster(
        self, recorded: House, recorder: Recorder, told: int, passed: int
    ) -> None:
        while recorder.closed.acquire(blocking=False):
            pass
        with opened(recorded, recorded.sessions.open(ANALYST)) as websocket:
            websocket.close(told)

        assert recorder.closed.acquire(timeout=30)
        assert recorder.codes[-1] == passed

    def test_bytes_of_dagster_end_it(self, recorded: House) -> None:
        with opened(recorded, recorded.sessions.open(ANALYST)) as websocket:
            say(websocket, type="complete", id="1")
            assert end_of(websocket)[0] == 1011


class TestSession:
    def test_the_websocket_ends_with_the_session(self, recorded: House) -> None:
        session = recorded.sessions.open(ANALYST)
        with opened(recorded, session) as websocket:
            say(websocket, type="ping")
            assert hear(websocket) == {"heard": "ping"}
            del recorded.sessions.of[session]
            recorded.recheck()
            assert end_of(websocket) == (4401, "dagster_not_signed_in")

    def test_it_lives_on_while_the_session_does(self, recorded: House) -> None:
        session = recorded.sessions.open(ANALYST)
        with opened(recorded, session) as websocket:
            say(websocket, type="ping")
            hear(websocket)
            before = recorded.sessions.asked.count(session)
            recorded.recheck()
            say(websocket, type="ping")
            assert hear(websocket) == {"heard": "ping"}
            assert recorded.sessions.asked.count(session) == before + 1

    @pytest.mark.parametrize(
        "changed",
        [
            Access(caller(ADMIN), may_operate=True),
            Access(caller(Role.OWNER), may_operate=True),
        ],
    )
    def test_it_ends_when_the_session_is_another_persons(self, recorded: House, changed: Access) -> None:
        session = recorded.sessions.open(ADMIN)
        with opened(recorded, session) as websocket:
            say(websocket, type="ping")
            hear(websocket)
            recorded.sessions.of[session] = changed
            recorded.recheck()
            assert end_of(websocket)[0] == 4401

    def test_it_ends_when_the_person_may_no_longer_operate(self, recorded: House) -> None:
        session = recorded.sessions.open(ADMIN)
        with opened(recorded, session) as websocket:
            say(websocket, type="ping")
            hear(websocket)
            recorded.sessions.of[session] = Access(recorded.sessions.of[session].caller, may_operate=False)
            recorded.recheck()
            assert end_of(websocket)[0] == 4401

    def test_it_ends_when_the_session_cannot_be_asked_for(
        self, recorded: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with opened(recorded, recorded.sessions.open(ADMIN)) as websocket:
            say(websocket, type="ping")
            hear(websocket)
            monkeypatch.setattr(recorded.sessions, "of", None)
            recorded.recheck()
            assert end_of(websocket)[0] == 4401


def test_what_cannot_be_written_down_ends_the_websocket(behind: Dagster) -> None:
    def broken(_note: MutationNote) -> None:
        raise OSError("the log is away")

    with house(behind, audited=broken) as door, opened(door, door.sessions.open(ADMIN)) as websocket:
        say(websocket, id="1", type="start", payload={"query": MUTATION})
        assert end_of(websocket) == (1011, "dagster_not_audited")
