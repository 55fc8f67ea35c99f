from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.failure import ProviderFailure
from connectors.netgsm import registration
from connectors.netgsm.client import NetgsmClient
from connectors.netgsm.push import IncomingSms, PushedReport, read_push, read_record
from connectors.netgsm.settings import NetgsmSettings
from connectors.sandbox.netgsm.desk import desk_of
from connectors.sandbox.server import Sandbox
from tests.connectors.netgsm.acting import act, magic, perform, post, sms, spec_of
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import StandStill

FORM = "application/x-www-form-urlencoded; charset=utf-8"
REPORT = {"jobid": "17377215342605050417149344", "number": "905321234567", "status": 1, "referansID": "r1"}
TEXT = {"sender": "905321234567", "message": "Evet, çok iyi", "datetime": "06.10.2026 14:30:12"}


def reports(body: Any, content_type: str = "application/json") -> list[tuple[Any, ...]]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [
        (each.row.job, each.row.phone, each.row.status, each.row.reference)
        for each in read_push(content, content_type=content_type)
        if isinstance(each, PushedReport)
    ]


WANTED = ("17377215342605050417149344", "5321234567", 1, "r1")


@pytest.mark.parametrize(
    "body",
    [
        REPORT,
        [REPORT],
        {"jobs": [REPORT]},
        {"data": REPORT},
        {"code": "00", "Data": {"jobs": [REPORT]}},
        {"bulkid": REPORT["jobid"], "telno": "05321234567", "durum": "1", "referans_id": "r1"},
        {"JobId": int(REPORT["jobid"]), "Number": 5321234567, "Status": 1, "referansId": "r1", "hata": "0"},
    ],
)
def test_a_report_is_read_in_any_json(body: Any) -> None:
    assert reports(body) == [WANTED]


def test_a_report_is_read_from_a_form_or_a_query() -> None:
    pairs = {name: str(value) for name, value in REPORT.items()}
    assert reports(urlencode(pairs).encode(), FORM) == [WANTED]
    assert reports(urlencode(pairs).encode(), "") == [WANTED], "whatever it calls itself"
    (report,) = read_push(b"", query=pairs)
    assert isinstance(report, PushedReport)
    assert report.row.state == "delivered"
    assert report.provider_reference == f"{REPORT['jobid']}/5321234567"


@pytest.mark.parametrize(
    ("fields", "content_type"),
    [
        (TEXT, "application/json"),
        ({"gsmno": "5321234567", "mesaj": TEXT["message"], "tarih": "2026-10-06 14:30:12"}, "application/json"),
        ({"orjinator": "+905321234567", "mesaj": TEXT["message"], "tarih": "06102026143012"}, FORM),
    ],
)
def test_a_text_is_read_under_any_of_its_names(fields: Mapping[str, str], content_type: str) -> None:
    body = urlencode(fields).encode() if content_type == FORM else json.dumps(fields).encode()
    (found,) = read_push(body, content_type=content_type)
    assert found == IncomingSms("+905321234567", None, "Evet, çok iyi", datetime(2026, 10, 6, 11, 30, 12, tzinfo=UTC))


def test_a_text_of_digits_alone_stays_a_text() -> None:
    (found,) = read_push(json.dumps({"sender": "5321234567", "message": 1}).encode())
    assert isinstance(found, IncomingSms)
    assert found.text == "1"


def test_a_sender_with_a_name_has_no_number_and_its_text_is_kept() -> None:
    (found,) = read_push(json.dumps({"sender": "BANKA", "message": "x"}).encode())
    assert isinstance(found, IncomingSms)
    assert (found.sender, found.at) == (None, None)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"hello", b'{"status":1}', b'{"jobid":"1"}', b"\xff\xfe"])
def test_what_is_neither_is_refused_without_a_word_of_it(body: bytes) -> None:
    with pytest.raises(ProviderFailure) as caught:
        read_push(body)
    assert (caught.value.kind, caught.value.code) == ("permanent", "answer_malformed")


def test_one_record_that_is_nothing_does_not_hide_the_others() -> None:
    assert reports([{"hello": 1}, REPORT]) == [WANTED]
    assert read_record({"hello": 1}) is None


def test_the_same_push_has_the_same_identity_and_another_state_another() -> None:
    bodies = (REPORT, dict(reversed(REPORT.items())), REPORT | {"status": 15})
    first, again, later = (read_push(json.dumps(body).encode())[0] for body in bodies)
    assert first.identity == again.identity != later.identity
    text, other = (read_push(json.dumps(body).encode())[0] for body in (TEXT, TEXT | {"message": "Hayır"}))
    assert text.identity != other.identity


def test_nothing_of_a_person_is_in_a_repr() -> None:
    shown = repr(read_push(json.dumps([REPORT, TEXT]).encode()))
    assert not any(part in shown for part in ("5321234567", "Evet"))


NAMES = st.sampled_from(["jobid", "status", "message", "sender", "data", "tarih"])


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
        max_leaves=8,
    )
)
def test_whatever_comes_is_read_or_refused_and_never_breaks_the_reader(document: Any) -> None:
    with suppress(ProviderFailure):
        assert read_push(json.dumps(document).encode())


def test_lists_in_lists_are_not_followed_for_ever() -> None:
    assert reports([[[REPORT]]]) == [WANTED]
    with pytest.raises(ProviderFailure):
        reports([[[[[[REPORT]]]]]])


class TestTheStandIn:
    def test_it_pushes_each_end_once_and_each_text(self, moving_sandbox: Sandbox) -> None:
        hooks = moving_sandbox.world.hooks
        perform(spec_of(moving_sandbox, "c"), [act("p1", sms()), act("p2", sms(magic("015")))])
        perform(spec_of(moving_sandbox, "c"), [act("p3", sms(magic("300")))])
        assert hooks.waiting(company="c") == []
        moving_sandbox.advance(minutes=5)
        found = [
            read_push(hook.body, content_type=hook.headers["content-type"])[0] for hook in hooks.waiting(company="c")
        ]
        ends = {each.row.reference: each.row.status for each in found if isinstance(each, PushedReport)}
        texts = [(each.sender, each.text) for each in found if isinstance(each, IncomingSms)]
        assert ends == {"p1": 1, "p2": 15, "p3": 1}
        assert texts == [(magic("300"), "RET")]
        assert len(hooks.waiting(company="c")) == 4, "told once"

    def test_pushes_go_where_they_were_registered(self, moving_sandbox: Sandbox) -> None:
        world = moving_sandbox.world
        desk_of(world).receive("c", "5321234567", "Merhaba")
        perform(spec_of(moving_sandbox, "c"), [act("g1", sms())])

        async def run() -> list[bytes]:
            async with raw_server(http(200, b"")) as server, httpx.AsyncClient(trust_env=False) as shared:
                client = NetgsmClient(
                    spec_of(moving_sandbox, "c"), shared, settings=NetgsmSettings(), clock=StandStill().clock()
                )
                await client.ask("POST", "/sms/rest/v2/inboxwebhook", body={"webhookUrl": f"{server.url}/texts"})
                await client.ask("POST", "/sms/rest/v2/reportwebhook", body={"webhookUrl": f"{server.url}/reports"})
                moving_sandbox.advance(minutes=2)
                assert await world.hooks.deliver(shared) == [200, 200]
                await registration.remove(client, "reports")
                return server.requests

        requests = asyncio.run(run())
        assert sorted(request.split(b" ")[1] for request in requests) == [b"/reports", b"/texts"]
        assert post(moving_sandbox, "c", "/sms/rest/v2/reportwebhook", method="DELETE")[1]["code"] == "60"

    def test_one_address_takes_both(self, moving_sandbox: Sandbox) -> None:
        world = moving_sandbox.world
        desk_of(world).receive("c", "5321234567", "Merhaba")
        perform(spec_of(moving_sandbox, "c"), [act("g1", sms())])
        moving_sandbox.advance(minutes=2)

        async def run() -> list[bytes]:
            async with raw_server(http(200, b"")) as server, httpx.AsyncClient(trust_env=False) as client:
                world.hooks.subscribe("netgsm", "c", f"{server.url}/all")
                await world.hooks.deliver(client)
                return server.requests

        assert len(asyncio.run(run())) == 2
