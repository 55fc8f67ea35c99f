from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from connectors.failure import ProviderFailure
from connectors.sandbox.meta import keys
from connectors.sandbox.server import Sandbox
from connectors.whatsapp.foreseeing import foresee
from connectors.whatsapp.templates import Template, catalogue, problems, template_of
from hub.message_texts import TEXTS
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import StandStill, spec_at
from tests.connectors.whatsapp.sending import CREDENTIALS, IDS, spec_of


def listed(connection: Any) -> list[Template]:
    async def run() -> list[Template]:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await catalogue(connection, client, clock=StandStill().clock())

    return asyncio.run(run())


def template(**changes: Any) -> Template:
    record = {
        "id": "1",
        "name": "siparis_takip",
        "language": "tr",
        "status": "APPROVED",
        "category": "UTILITY",
        "components": [
            {"type": "HEADER", "format": "IMAGE"},
            {"type": "BODY", "text": "Merhaba {{1}}, {{2}} yolda. {{1}}!"},
            {
                "type": "BUTTONS",
                "buttons": [{"type": "URL", "url": "https://a.example/{{1}}"}, {"type": "QUICK_REPLY"}],
            },
        ],
    }
    return template_of({**record, **changes})


GOOD: dict[str, Any] = {
    "template": "siparis_takip",
    "language": "tr",
    "header": {"image": {"media_id": "1"}},
    "body": ["Ayşe", "A-42"],
    "buttons": [{"index": 0, "type": "url", "value": "A-42"}],
}


def test_every_template_is_listed_over_all_pages(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.whatsapp.templates.TEMPLATE_PAGE", 3)
    names = [each.name for each in listed(spec_of(sandbox, "lists"))]
    assert len(names) == len(set(names)) == 8
    assert {"siparis_durumu", "kampanya", "eski_kampanya"} <= set(names)
    assert sandbox.world.requests.total() == 4, "three pages, and the empty one behind the last cursor"


def test_cursors_are_followed_to_the_end_and_no_further() -> None:
    def page(name: str, after: str) -> bytes:
        record = f'{{"id":"{name}","name":"{name}","language":"tr","status":"APPROVED","category":"UTILITY"}}'
        return http(200, f'{{"data":[{record}],"paging":{{"cursors":{{"after":"{after}"}}}}}}'.encode())

    async def run() -> tuple[list[str], list[bytes]]:
        scripts = (page("a", "A"), page("b", "B"), http(200, b'{"data":[],"paging":{"cursors":{"after":"C"}}}'))
        async with raw_server(*scripts) as server, httpx.AsyncClient(trust_env=False) as client:
            connection = spec_at(server.url, CREDENTIALS, **IDS)
            found = await catalogue(connection, client, clock=StandStill().clock())
            return [each.name for each in found], [request.split(b" ")[1] for request in server.requests]

    names, asked = asyncio.run(run())
    assert names == ["a", "b"]
    assert [request.partition(b"after=")[2] for request in asked] == [b"", b"A", b"B"]


def test_a_cursor_that_goes_round_ends_the_list() -> None:
    async def run() -> int:
        body = (
            b'{"data":[{"id":"1","name":"a","language":"tr","status":"APPROVED","category":"UTILITY"}],'
            b'"paging":{"cursors":{"after":"A"}}}'
        )
        async with raw_server(http(200, body)) as server, httpx.AsyncClient(trust_env=False) as client:
            return len(await catalogue(spec_at(server.url, CREDENTIALS, **IDS), client, clock=StandStill().clock()))

    assert asyncio.run(run()) == 2


def test_the_account_must_be_named(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderFailure) as caught:
        listed(spec_of(sandbox, "lists", waba_id=""))
    assert (caught.value.code, caught.value.field) == ("settings_invalid", "waba_id")


def test_the_account_of_another_company_is_out_of_reach(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderFailure) as caught:
        listed(spec_of(sandbox, "lists", waba_id=keys.waba_id(sandbox.world.seed, "other")))
    assert caught.value.code == "request_refused"


def test_what_fills_a_template_is_read_from_it() -> None:
    found = template()
    assert (found.parameters, found.header, found.buttons, found.replies) == (("1", "2"), "image", (0,), (1,))
    assert (found.category, found.sendable) == ("utility", True)
    named = template(
        components=[{"type": "body", "text": "Sayın {{ad}}"}, {"type": "HEADER", "format": "TEXT", "text": "{{1}}"}]
    )
    assert (named.parameters, named.header, named.buttons) == (("ad",), "text", ())
    assert not template(status="PAUSED").sendable


def test_a_payload_that_fills_its_template_has_no_problem() -> None:
    assert problems(GOOD, [template()]) == []
    with_reply = [*GOOD["buttons"], {"index": 1, "type": "quick_reply", "value": "ara"}]
    assert problems({**GOOD, "buttons": with_reply, "category": "utility"}, [template()]) == []
    named = template(components=[{"type": "BODY", "text": "Sayın {{ad}}"}])
    assert problems({"template": "siparis_takip", "language": "tr", "body": {"ad": "Ayşe"}}, [named]) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"template": "yok"}, "whatsapp_template_unknown"),
        ({"language": "en"}, "field_not_in_list"),
        ({"body": ["Ayşe"]}, "whatsapp_template_parameters"),
        ({"body": {"ad": "Ayşe"}}, "whatsapp_template_parameters"),
        ({"body": None}, "whatsapp_template_parameters"),
        ({"header": None}, "whatsapp_template_header"),
        ({"header": {"text": "x"}}, "whatsapp_template_header"),
        ({"buttons": []}, "whatsapp_template_parameters"),
        ({"buttons": [{"index": 2, "type": "url", "value": "x"}]}, "whatsapp_template_parameters"),
        ({"category": "marketing"}, "field_not_in_list"),
    ],
)
def test_what_meta_would_refuse_is_known_before_the_send(change: dict[str, Any], code: str) -> None:
    found = problems({**GOOD, **change}, [template()])
    assert [problem.code for problem in found] == [code]
    assert TEXTS[code].format(**found[0].params)


def test_a_template_that_is_not_approved_says_its_state() -> None:
    (problem,) = problems(GOOD, [template(status="PAUSED")])
    assert (problem.code, problem.params) == ("whatsapp_template_not_approved", {"status": "PAUSED"})


def test_the_catalogue_is_asked_for_once_and_again_before_a_problem_is_told(sandbox: Sandbox) -> None:
    connection = spec_of(sandbox, "remembers")
    known = next(each for each in listed(connection) if each.sendable and each.parameters and each.header is None)
    right = {
        "template": known.name,
        "language": known.language,
        "category": known.category,
        "body": list(known.parameters) if known.parameters[0].isdecimal() else dict.fromkeys(known.parameters, "x"),
    }

    async def told(*payloads: dict[str, Any]) -> tuple[Any, int]:
        before = sandbox.world.requests.total()
        async with httpx.AsyncClient(trust_env=False) as client:
            found = await foresee(connection, client, payloads, clock=still)
        return found, sandbox.world.requests.total() - before

    still = StandStill().clock()
    found, asked = asyncio.run(told(right, {**right, "template": "yok"}))
    assert [[each.path for each in problems] for problems in found] == [[], ["template"]]
    assert asked > 0
    assert asyncio.run(told(right, right)) == ([[], []], 0)
    assert asyncio.run(told({**right, "body": []}))[1] == asked
