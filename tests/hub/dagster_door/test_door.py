"""The door by real HTTP, with a real Dagster behind it: who comes in, what passes, and what is written down first."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from dagster._core.test_utils import create_run_for_test
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from hub.dagster_door.access import Access, MutationNote
from hub.dagster_door.audit import entry_of, into_platform_chain
from hub.dagster_door.limits import Limits
from hub.dagster_door.operations import Mutation
from hub.db.database import Database
from hub.identity.permissions import PLATFORM_ROLES, Permission, Role
from hub.kvkk.audit import PLATFORM
from hub.kvkk.audit_listing import entries
from tests.hub.dagster_door.house import COOKIE, Dagster, House, caller, house, served

ADMIN, ANALYST = Role.PLATFORM_ADMIN, Role.PLATFORM_ANALYST
GRAPHQL = "/dagster/graphql"
DELETE = "mutation Gone($id: String!) { deletePipelineRun(runId: $id) { __typename } }"


def delete(run_id: str) -> dict[str, Any]:
    return {"query": DELETE, "variables": {"id": run_id}}


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def run_id(door: House) -> Iterator[str]:
    run = create_run_for_test(door.instance, run_id=str(uuid4()))
    door.notes.clear()
    yield run.run_id
    door.notes.clear()


class TestWhoComesIn:
    def test_a_browser_without_a_session_is_sent_to_sign_in_and_back(self, door: House) -> None:
        with door.client(None, Accept="text/html,*/*") as client:
            answer = client.get("/dagster/runs?q=a%26next=//evil")

        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=%2Fdagster%2Fruns%3Fq%3Da%2526next%3D%2F%2Fevil"

    def test_whoever_else_has_no_session_is_told_so(self, door: House) -> None:
        with door.client(None) as client:
            assert code(client.get("/dagster/runs")) == (401, "dagster_not_signed_in")
            assert code(client.post(GRAPHQL, json={"query": "{ version }"})) == (401, "dagster_not_signed_in")
        with door.client(None, Accept="text/html", Cookie=f"{COOKIE}=stale") as client:
            assert code(client.post(GRAPHQL, json={"query": "{ version }"})) == (401, "dagster_not_signed_in")

    @pytest.mark.parametrize("role", sorted(set(Role) - PLATFORM_ROLES))
    def test_for_a_tenants_people_and_for_machines_there_is_nothing(self, door: House, role: Role) -> None:
        with door.client(role, Accept="text/html") as client:
            for path in ("/dagster/", "/dagster/runs", GRAPHQL):
                assert code(client.get(path)) == (404, "dagster_not_here")
            assert code(client.post(GRAPHQL, json={"query": "{ version }"})) == (404, "dagster_not_here")

    def test_a_platform_role_whose_session_lacks_the_permission_sees_nothing(self, door: House) -> None:
        signed_in = caller(ADMIN)
        bare = signed_in.permissions - {Permission.DAGSTER_VIEW}
        door.sessions.of["bare"] = Access(type(signed_in)(**{**vars(signed_in), "permissions": bare}), may_operate=True)
        with door.client(None, Cookie=f"{COOKIE}=bare") as client:
            assert code(client.get("/dagster/runs")) == (404, "dagster_not_here")

    @pytest.mark.parametrize("role", sorted(PLATFORM_ROLES))
    def test_the_operators_staff_see_dagster(self, door: House, role: Role) -> None:
        with door.client(role, Accept="text/html") as client:
            page = client.get("/dagster/runs")
            told = client.get("/dagster/server_info", headers={"Accept": "application/json"})

        assert page.status_code == 200
        assert '"/dagster"' in page.text
        assert "nonce-" in page.headers["content-security-policy"]
        assert page.headers["x-frame-options"] == "DENY"
        assert set(told.json()) == {"dagster_webserver_version", "dagster_version", "dagster_graphql_version"}

    def test_the_refusal_speaks_the_readers_language(self, door: House) -> None:
        with door.client(None, **{"Accept-Language": "tr-TR,tr;q=0.9"}) as client:
            assert client.get("/dagster/runs").json()["detail"] == "Önce oturum açın."

    def test_a_refusal_is_a_problem_document_like_all_others(self, door: House) -> None:
        with door.client(Role.OWNER, **{"X-Request-Id": "6f1c1f2e9d1b4c0d8a53c2a7be0c9f11"}) as client:
            answer = client.get("/dagster/runs", headers={"Accept-Language": "en"})
            assert answer.json() == {
                "type": "urn:kopru:problem:dagster_not_here",
                "title": "Not found",
                "status": 404,
                "detail": "There is nothing here.",
                "code": "dagster_not_here",
                "request_id": "6f1c1f2e9d1b4c0d8a53c2a7be0c9f11",
            }
            assert answer.headers["content-language"] == "en"

    def test_a_refusal_speaks_the_persons_language_unless_the_request_asks_for_one(self, door: House) -> None:
        door.sessions.of["turkish"] = Access(replace(caller(Role.OWNER), language="tr"), may_operate=False)
        with door.client(None, Cookie=f"{COOKIE}=turkish") as client:
            assert client.get("/dagster/runs").json()["title"] == "Bulunamadı"
            assert client.get("/dagster/runs", headers={"Accept-Language": "en"}).json()["title"] == "Not found"

    def test_a_sign_in_that_fails_lets_nobody_in(self, behind: Dagster, door: House) -> None:
        with door.client(ADMIN) as client, pytest.MonkeyPatch.context() as patch:
            patch.setattr(door.sessions, "of", None)
            assert client.get("/dagster/runs").status_code == 500


class TestMutations:
    def test_an_administrators_is_written_down_and_done(self, door: House, run_id: str) -> None:
        with door.client(ADMIN) as client:
            answer = client.post(GRAPHQL, json=delete(run_id))

        assert answer.json()["data"] == {"deletePipelineRun": {"__typename": "DeletePipelineRunSuccess"}}
        assert door.instance.get_run_by_id(run_id) is None
        (note,) = door.notes
        assert note.result == "forwarded"
        assert note.mutations == (Mutation("deletePipelineRun", (run_id,)),)
        assert (note.over, note.ip) == ("http", "127.0.0.1")

    @pytest.mark.parametrize(("role", "may_operate"), [(ANALYST, True), (ADMIN, False)])
    def test_of_whoever_may_not_operate_it_is_refused_and_written_down(
        self, door: House, run_id: str, role: Role, may_operate: bool
    ) -> None:
        with door.client(role, may_operate=may_operate) as client:
            assert code(client.post(GRAPHQL, json=delete(run_id))) == (403, "dagster_operate_missing")

        assert door.instance.get_run_by_id(run_id) is not None
        (note,) = door.notes
        assert (note.result, note.mutations) == ("refused", (Mutation("deletePipelineRun", (run_id,)),))

    def test_without_a_writable_webserver_nobody_changes_anything(self, behind: Dagster, run_id: str) -> None:
        with house(behind, admin=False) as door, door.client(ADMIN) as client:
            assert client.post(GRAPHQL, json={"query": "{ version }"}).status_code == 200
            assert code(client.post(GRAPHQL, json=delete(run_id))) == (403, "dagster_read_only")
            assert [note.result for note in door.notes] == ["refused"]

    def test_dagsters_own_read_only_mode_refuses_what_we_would_let_pass(self, behind: Dagster, run_id: str) -> None:
        with house(behind, admin_url=behind.readonly_url) as door, door.client(ADMIN) as client:
            answer = client.post(GRAPHQL, json=delete(run_id))

        assert answer.json()["data"] == {"deletePipelineRun": {"__typename": "UnauthorizedError"}}
        assert behind.instance.get_run_by_id(run_id) is not None

    @pytest.mark.parametrize("role", [ANALYST, ADMIN])
    def test_a_person_reaches_the_webserver_of_their_rights(self, door: House, role: Role) -> None:
        query = "{ permissions { permission value } }"
        with door.client(role) as client:
            answer = client.post(GRAPHQL, json={"query": query}).json()["data"]["permissions"]

        allowed = {each["permission"]: each["value"] for each in answer}
        assert allowed["delete_pipeline_run"] is (role is ADMIN)

    def test_what_cannot_be_written_down_is_not_done(self, behind: Dagster, run_id: str) -> None:
        def broken(_note: MutationNote) -> None:
            raise OSError("the log is away")

        with house(behind, audited=broken) as door, door.client(ADMIN) as client:
            answer = client.post(GRAPHQL, json=delete(run_id))

        assert code(answer) == (503, "dagster_not_audited")
        assert "away" not in answer.text
        assert behind.instance.get_run_by_id(run_id) is not None

    def test_the_log_is_written_before_dagster_hears_of_it(self, behind: Dagster, run_id: str) -> None:
        seen: list[bool] = []

        def look(note: MutationNote) -> None:
            seen.append(behind.instance.get_run_by_id(note.mutations[0].runs[0]) is not None)

        with house(behind, audited=look) as door, door.client(ADMIN) as client:
            client.post(GRAPHQL, json=delete(run_id))

        assert seen == [True]
        assert behind.instance.get_run_by_id(run_id) is None

    def test_one_by_get_is_refused_even_to_administrators(self, door: House, run_id: str) -> None:
        asked = {"query": DELETE, "variables": json.dumps({"id": run_id})}
        with door.client(ADMIN) as client:
            assert code(client.get(GRAPHQL, params=asked)) == (405, "dagster_mutation_by_get")
            told = client.get(GRAPHQL, params={"query": "query A { version } query B { b }", "operationName": "A"})

        assert door.instance.get_run_by_id(run_id) is not None
        assert [note.result for note in door.notes] == ["refused"]
        assert told.status_code == 400  # Dagster's own word on a document with a field it does not know
        assert "errors" in told.json()

    def test_dagsters_editor_executes_nothing_of_its_address(self, door: House, run_id: str) -> None:
        with door.client(ADMIN, Accept="text/html") as client:
            page = client.get(GRAPHQL, params={"query": DELETE, "variables": json.dumps({"id": run_id})})

        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert door.instance.get_run_by_id(run_id) is not None

    def test_a_batch_is_refused_and_its_mutations_are_written_down(self, door: House, run_id: str) -> None:
        with door.client(ADMIN) as client:
            answer = client.post(GRAPHQL, json=[{"query": "{ version }"}, delete(run_id)])
            other = client.post(GRAPHQL, json=[{"query": "{ version }"}])

        assert code(answer) == code(other) == (400, "dagster_batch")
        assert [(note.result, len(note.mutations)) for note in door.notes] == [("refused", 1)]

    @pytest.mark.parametrize(
        ("kind", "content", "expected"),
        [
            ("text/plain", "{}", (415, "dagster_body_type")),
            ("application/x-www-form-urlencoded", "query=%7Bversion%7D", (415, "dagster_body_type")),
            ("multipart/form-data; boundary=x", "--x--", (415, "dagster_body_type")),
            ("application/json", "{", (400, "dagster_body_unreadable")),
            ("application/json", '{"query": "mutation {"}', (400, "dagster_body_unreadable")),
            ("application/json", '{"query": "mutation { nothing { x } }"}', (400, "dagster_mutation_unknown")),
            ("application/graphql", b"\xff", (400, "dagster_body_unreadable")),
        ],
    )
    def test_a_body_that_cannot_be_read_goes_nowhere(
        self, door: House, kind: str, content: str | bytes, expected: tuple[int, str]
    ) -> None:
        door.notes.clear()
        with door.client(ADMIN) as client:
            # Dagster would take the query from the address for some of these.
            path = f"{GRAPHQL}?query=mutation%7BreloadWorkspace%7B__typename%7D%7D"
            answer = client.post(path, content=content, headers={"Content-Type": kind})

        assert code(answer) == expected
        assert door.notes == []

    def test_an_address_and_a_compressed_body_add_nothing_to_a_query(self, door: House) -> None:
        path = f"{GRAPHQL}?query=mutation%7BreloadWorkspace%7B__typename%7D%7D"
        with door.client(ADMIN) as client:
            answer = client.post(path, json={"query": "{ version }"})
            packed = client.post(GRAPHQL, json={"query": "{ version }"}, headers={"Content-Encoding": "gzip"})
            plain = client.post(GRAPHQL, content="{ version }", headers={"Content-Type": "application/graphql"})

        assert "version" in answer.json()["data"]
        assert code(packed) == (415, "dagster_body_type")
        assert plain.json() == answer.json()

    def test_another_sites_page_changes_nothing(self, door: House, run_id: str) -> None:
        with door.client(ADMIN, Origin="https://evil.example", **{"Sec-Fetch-Site": "cross-site"}) as client:
            assert code(client.post(GRAPHQL, json=delete(run_id))) == (403, "dagster_cross_site")

        assert door.instance.get_run_by_id(run_id) is not None

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
    def test_pages_are_read_and_nothing_else(self, door: House, method: str) -> None:
        with door.client(ADMIN) as client:
            assert code(client.request(method, "/dagster/runs")) == (405, "dagster_method")
            assert client.request("HEAD" if method == "POST" else method, GRAPHQL).status_code == 405


def test_a_note_becomes_an_entry_of_the_platforms_chain(database: Database, door: House, behind: Dagster) -> None:
    run = str(uuid4())
    mutations = (Mutation("terminateRun", (run,)), Mutation("terminateRun", ()), Mutation("reloadWorkspace"))
    note = MutationNote(caller(ADMIN), "192.0.2.7", mutations, "refused", "websocket")
    before = len(list(entries(database, PLATFORM, action="dagster.mutation")))

    import asyncio

    asyncio.run(into_platform_chain(database)(note))

    *_, line = entries(database, PLATFORM, action="dagster.mutation")
    assert len(list(entries(database, PLATFORM, action="dagster.mutation"))) == before + 1
    assert line.actor == f"user:{note.caller.subject}"
    assert (line.actor_role, line.result, line.count) == ("platform_admin", "refused", 3)
    assert line.details == {"mutations": ["terminateRun", "reloadWorkspace"], "runs": [run], "over": "websocket"}
    assert entry_of(note).actor.ip == "192.0.2.7"


class TestTricks:
    @pytest.mark.parametrize("http", ["h11", "httptools"])
    def test_bytes_that_mean_another_path_reach_nothing(self, behind: Dagster, http: str) -> None:
        asked: list[str] = []

        async def watch(request: Request) -> Response:
            asked.append(request.scope["raw_path"].decode())
            return Response("reached")

        everything = Starlette(routes=[Route("/{path:path}", watch, methods=["GET", "POST"])])
        with served(everything) as url, house(behind, readonly_url=url, admin_url=url, http=http) as door:
            cookie = f"{COOKIE}={door.sessions.open(ADMIN)}"
            for target in (
                "/dagster/../api",
                "/dagster/%2e%2e/api",
                "/dagster/..%2fapi",
                "/dagster/%5c..%5capi",
                "/dagster/..\\api",
                "/dagster//api",
                "//dagster/runs",
                "/dagster/a%0d%0aX-Evil:%201",
                "/dagster/%00",
                f"http://127.0.0.1:{door.port}/dagster/../api",
                "http://evil.example/api",
                "/dagster/report_asset_check/a",
                "/dagster/%67raphql?query=%7Bversion%7D",
                "*",
            ):
                head = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
                answer = door.raw(head.encode())
                assert b"reached" not in answer, target
                assert answer.split(b" ", 2)[1] in (b"400", b"404"), target
            assert asked == []
            good = f"GET /dagster/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
            assert b"reached" in door.raw(good.encode())
            assert asked == ["/dagster/runs"]


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, str]]:
    return []


@pytest.fixture(scope="module")
def recorder(behind: Dagster, recorded: list[dict[str, str]]) -> Iterator[House]:
    async def answer(request: Request) -> Response:
        recorded.append({**request.headers, ":query": request.url.query})
        if "long" in request.url.path:

            async def parts() -> Any:
                for _ in range(30):
                    yield b"x" * 1_000

            return StreamingResponse(parts())
        if "redirect" in request.url.path:
            return RedirectResponse(request.query_params["to"])
        headers = {
            "Set-Cookie": f"{COOKIE}=planted",
            "Access-Control-Allow-Origin": "*",
            "X-Debug": "1",
            "Connection": "X-Debug",
            "ETag": '"e"',
        }
        return Response(b"0123456789", headers=headers)

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    limits = Limits(answer_bytes=20_000, body_bytes=500, body_seconds=0.3, connect_seconds=2)
    with served(app) as url, house(behind, readonly_url=url, admin_url=url, limits=limits) as door:
        yield door


class TestWhatPasses:
    """Behind the door stands a recorder here, for Dagster does not say what it was told."""

    def test_no_credential_and_no_word_of_the_client_on_itself_reaches_dagster(
        self, recorder: House, recorded: list[dict[str, str]]
    ) -> None:
        planted = {
            "Authorization": "Bearer secret",
            "X-API-Key": "secret",
            "X-Forwarded-For": "192.0.2.1",
            "X-Forwarded-Proto": "https",
            "Forwarded": "for=192.0.2.1",
            "X-Real-IP": "192.0.2.1",
            "Connection": "close, X-Extra",
            "X-Extra": "1",
            "Proxy-Authorization": "secret",
            "TE": "trailers",
            "Upgrade": "h2c",
            "If-None-Match": '"e"',
            "Accept-Language": "tr",
        }
        recorded.clear()
        with recorder.client(ADMIN, **planted) as client:
            client.get("/dagster/runs")
            client.post(GRAPHQL, json={"query": "{ version }"})

        for told in recorded:
            assert "secret" not in str(told)
            assert "session" not in str(told)
            assert {"cookie", "authorization", "x-api-key", "forwarded", "x-real-ip", "x-extra", "te"}.isdisjoint(told)
            assert told["host"] != f"127.0.0.1:{recorder.port}"
            assert told["x-forwarded-host"] == f"127.0.0.1:{recorder.port}"
            assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == ("127.0.0.1", "http")
            assert told["x-forwarded-prefix"] == "/dagster"
            assert told["accept-language"] == "tr"
        assert len(recorded) == 2
        assert recorded[0]["if-none-match"] == '"e"'

    def test_an_editors_address_loses_its_query_lest_dagster_takes_it_for_no_editors(
        self, recorder: House, recorded: list[dict[str, str]]
    ) -> None:
        recorded.clear()
        with recorder.client(ADMIN, Accept="text/html," + "x" * 5_000) as client:
            client.get(GRAPHQL, params={"query": DELETE})

        (told,) = recorded
        assert "accept" not in told  # too long to be passed on: without it Dagster would execute
        assert told[":query"] == ""

    def test_no_cookie_and_no_leave_for_other_sites_comes_back(self, recorder: House) -> None:
        with recorder.client(ANALYST) as client:
            answer = client.get("/dagster/runs")

        assert answer.content == b"0123456789"
        assert answer.headers["etag"] == '"e"'
        assert answer.headers["cache-control"] == "private, no-cache"
        assert {"set-cookie", "access-control-allow-origin", "x-debug", "connection"}.isdisjoint(answer.headers)

    def test_one_persons_cookie_is_not_shown_to_the_next(self, recorder: House, recorded: list[dict[str, str]]) -> None:
        with recorder.client(ANALYST) as client:
            client.get("/dagster/a")
            client.get("/dagster/b")

        assert all("cookie" not in told for told in recorded)

    @pytest.mark.parametrize(
        ("to", "location"),
        [
            ("/dagster/runs?a=1", "/dagster/runs?a=1"),
            ("http://127.0.0.1:1/dagster/", "/dagster/"),
            ("//evil.example/dagster", "/dagster"),
        ],
    )
    def test_a_redirect_stays_on_this_origin(self, recorder: House, to: str, location: str) -> None:
        with recorder.client(ANALYST) as client:
            answer = client.get("/dagster/redirect", params={"to": to})

        assert (answer.status_code, answer.headers["location"]) == (307, location)

    @pytest.mark.parametrize("to", ["https://evil.example/", "/", "/api/v1/tenants", "/dagster/../api", "/dagsters"])
    def test_a_redirect_that_leads_out_is_no_answer(self, recorder: House, to: str) -> None:
        with recorder.client(ANALYST) as client:
            assert code(client.get("/dagster/redirect", params={"to": to})) == (503, "dagster_away")

    def test_an_answer_without_end_is_cut(self, recorder: House) -> None:
        with recorder.client(ANALYST) as client, pytest.raises(httpx.RemoteProtocolError):
            client.get("/dagster/long")

    def test_a_body_too_large_is_refused(self, recorder: House) -> None:
        with recorder.client(ANALYST) as client:
            answer = client.post(GRAPHQL, json={"query": "{ version } # " + "x" * 1_000})

        assert code(answer) == (413, "dagster_body_large")

    def test_a_body_that_does_not_arrive_is_given_up(self, recorder: House) -> None:
        head = (
            f"POST {GRAPHQL} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}={recorder.sessions.open(ANALYST)}\r\n"
            "Sec-Fetch-Site: none\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        with socket.create_connection(("127.0.0.1", recorder.port), timeout=30) as connection:
            connection.sendall(head.encode())
            answer = connection.recv(65_536)

        assert b" 408 " in answer

    def test_without_dagster_the_door_says_so(self, behind: Dagster, free_port: int) -> None:
        nobody = f"http://127.0.0.1:{free_port}"
        with house(behind, readonly_url=nobody) as door, door.client(ANALYST) as client:
            answer = client.get("/dagster/runs")

        assert code(answer) == (503, "dagster_away")
        assert answer.headers["retry-after"]

    def test_a_dagster_that_does_not_answer_is_given_up(self, behind: Dagster) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            limits = Limits(answer_seconds=0.3)
            with house(behind, readonly_url=url, limits=limits) as door, door.client(ANALYST) as client:
                assert code(client.get("/dagster/runs")) == (504, "dagster_slow")
