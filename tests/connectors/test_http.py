from __future__ import annotations

import asyncio
import gzip
import logging
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.contract import RateLimit
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.http import Answer, HttpClient, HttpSettings
from connectors.limits import CredentialLimit
from tests.connectors.raw_server import DRIP, RawServer, Script, http, raw_server
from tests.connectors.stand_still import StandStill

MARKER = "Ayşe Yılmaz 10000000146"


def read(answer: Answer) -> Any:
    failure = answer.failure_of_status()
    if failure is not None:
        raise failure
    return decode_json(answer.content)


def asking(
    *scripts: Script, time: StandStill | None = None, settings: HttpSettings | None = None
) -> tuple[Any, RawServer]:
    """The outcome of one request (what was read, or the failure), and the server."""

    async def run() -> tuple[Any, RawServer]:
        async with raw_server(*scripts) as server, httpx.AsyncClient(trust_env=False) as shared:
            client = client_on(shared, time or StandStill(), settings or HttpSettings())
            try:
                return await client.send(
                    lambda: client.request("GET", f"{server.url}/x?token=hidden", headers={}), read
                ), server
            except ProviderFailure as failure:
                return failure, server

    return asyncio.run(run())


def client_on(shared: httpx.AsyncClient, time: StandStill, settings: HttpSettings) -> HttpClient:
    limit = CredentialLimit(RateLimit(requests=1000, per=timedelta(seconds=1)))
    return HttpClient(shared, limit=limit, settings=settings, clock=time.clock())


class TestRetrying:
    def test_a_transient_failure_is_tried_again_until_it_passes(self) -> None:
        outcome, server = asking(http(500, b"{}"), http(503, b"{}"), http(200, b'{"ok":1}'))
        assert outcome == {"ok": 1}
        assert len(server.requests) == 3

    def test_attempts_are_bounded(self) -> None:
        outcome, server = asking(http(500, b"{}"), settings=HttpSettings(attempts=3))
        assert (outcome.kind, outcome.code, outcome.status) == ("transient", "provider_error", 500)
        assert len(server.requests) == 3

    def test_a_permanent_failure_is_not_tried_again(self) -> None:
        outcome, server = asking(http(403, b"{}"), http(200, b"{}"))
        assert (outcome.kind, outcome.code) == ("permanent", "credentials_rejected")
        assert len(server.requests) == 1

    @pytest.mark.parametrize("chance", [0.0, 0.999])
    def test_no_attempt_comes_before_retry_after(self, chance: float) -> None:
        time = StandStill(chance=chance)
        outcome, _ = asking(http(429, b"{}", "Retry-After: 7"), http(200, b"{}"), time=time)
        assert outcome == {}
        assert 7 <= time.slept[0] < 8

    def test_retry_after_may_be_a_date(self) -> None:
        time = StandStill()
        date = "Retry-After: Wed, 18 Nov 2026 09:00:30 GMT"
        outcome, _ = asking(http(429, b"{}", date), http(200, b"{}"), time=time)
        assert outcome == {}
        assert time.slept == [30.0]

    def test_a_retry_after_beyond_patience_is_left_to_the_next_sync(self) -> None:
        time = StandStill()
        outcome, server = asking(http(429, b"{}", "Retry-After: 3600"), time=time)
        assert (outcome.code, outcome.retry_after) == ("rate_limited", 3600)
        assert len(server.requests) == 1
        assert time.slept == []

    def test_pauses_grow_and_vary_by_chance(self) -> None:
        low, high = StandStill(chance=0.0), StandStill(chance=1.0)
        asking(http(500, b"{}"), time=low)
        asking(http(500, b"{}"), time=high)
        assert low.slept == [0.25, 0.5, 1.0]
        assert high.slept == [0.5, 1.0, 2.0]

    def test_each_attempt_is_prepared_anew(self) -> None:
        nonces: list[str] = []

        async def run() -> None:
            async with (
                raw_server(http(500, b"{}"), http(200, b"{}")) as server,
                httpx.AsyncClient(trust_env=False) as shared,
            ):
                client = client_on(shared, StandStill(), HttpSettings())

                def prepare() -> httpx.Request:
                    nonces.append(f"n{len(nonces)}")
                    return client.request("GET", server.url, headers={"x-nonce": nonces[-1]})

                await client.send(prepare, read)
                assert [request.count(b"x-nonce: n") for request in server.requests] == [1, 1]

        asyncio.run(run())
        assert nonces == ["n0", "n1"]


class TestBounds:
    def test_a_redirect_is_refused_and_not_followed(self) -> None:
        async def run() -> tuple[ProviderFailure, int]:
            async with raw_server(http(200, b'{"stolen":1}')) as elsewhere:
                there = http(302, b"", f"Location: {elsewhere.url}/")
                async with (
                    raw_server(there) as server,
                    httpx.AsyncClient(trust_env=False, follow_redirects=True) as shared,
                ):
                    client = client_on(shared, StandStill(), HttpSettings())
                    with pytest.raises(ProviderFailure) as caught:
                        await client.send(lambda: client.request("GET", server.url, headers={}), read)
                    return caught.value, len(elsewhere.requests)

        failure, followed = asyncio.run(run())
        assert (failure.kind, failure.code, failure.status) == ("permanent", "address_refused", 302)
        assert followed == 0

    def test_an_answer_longer_than_allowed_is_not_kept(self) -> None:
        outcome, _ = asking(
            http(200, b"[" + b"1," * 1000 + b"1]"), settings=HttpSettings(longest_answer=1000, attempts=1)
        )
        assert outcome.code == "answer_malformed"

    def test_a_packed_answer_is_unpacked(self) -> None:
        outcome, _ = asking(http(200, gzip.compress(b'{"ok":1}'), "Content-Encoding: gzip"))
        assert outcome == {"ok": 1}

    def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_kept(self) -> None:
        bomb = gzip.compress(b" " * 50_000_000)
        outcome, _ = asking(
            http(200, bomb, "Content-Encoding: gzip"), settings=HttpSettings(longest_answer=100_000, attempts=1)
        )
        assert outcome.code == "answer_malformed"

    def test_a_packed_answer_cut_short_is_not_taken_for_whole(self) -> None:
        packed = gzip.compress(b'{"ok":1}')[:-6]
        outcome, _ = asking(http(200, packed, "Content-Encoding: gzip"), settings=HttpSettings(attempts=1))
        assert outcome.code == "answer_malformed"

    @pytest.mark.parametrize("encoding", ["br", "gzip"])
    def test_an_answer_packed_in_an_unknown_or_false_way_is_refused(self, encoding: str) -> None:
        outcome, _ = asking(http(200, b"plain", f"Content-Encoding: {encoding}"), settings=HttpSettings(attempts=1))
        assert outcome.code == "answer_malformed"

    @pytest.mark.parametrize(
        "script",
        [
            http(429, b"plain", "Retry-After: 7", "Content-Encoding: br"),
            http(429, b"half", "Retry-After: 7", length=10),
            http(429, b"", "Retry-After: 7", "Content-Encoding: gzip"),
        ],
    )
    def test_a_refusal_means_what_its_status_says_whatever_became_of_its_words(self, script: bytes) -> None:
        time = StandStill()
        outcome, server = asking(script, settings=HttpSettings(attempts=2), time=time)
        assert (outcome.kind, outcome.code, outcome.status) == ("transient", "rate_limited", 429)
        assert (len(server.requests), sum(time.slept) >= 7) == (2, True)

    def test_a_refusal_that_cannot_be_read_is_as_final_as_its_status(self) -> None:
        outcome, server = asking(http(401, gzip.compress(b"{}")[:-4], "Content-Encoding: gzip"))
        assert (outcome.code, len(server.requests)) == ("credentials_rejected", 1)

    def test_a_refusal_that_needs_words_is_asked_for_again_without_them(self) -> None:
        outcome, server = asking(http(400, b"half", length=10), settings=HttpSettings(attempts=2))
        assert (outcome.kind, outcome.code, len(server.requests)) == ("transient", "answer_truncated", 2)

    def test_an_answer_cut_off_is_told_from_a_server_that_does_not_answer(self) -> None:
        cut, _ = asking(http(200, b'{"a":', length=100), settings=HttpSettings(attempts=1))
        gone, _ = asking(b"", settings=HttpSettings(attempts=1))
        assert (cut.kind, cut.code) == ("transient", "answer_truncated")
        assert (gone.kind, gone.code) == ("transient", "provider_unreachable")

    def test_a_server_that_keeps_silent_times_out(self) -> None:
        outcome, _ = asking(None, settings=HttpSettings(request_timeout=0.05, attempts=1))
        assert (outcome.kind, outcome.code) == ("transient", "provider_timeout")

    def test_a_server_that_keeps_dripping_times_out_too(self) -> None:
        outcome, _ = asking(DRIP, settings=HttpSettings(request_timeout=0.05, attempts=1))
        assert (outcome.kind, outcome.code) == ("transient", "provider_timeout")

    def test_no_server_at_all_is_unreachable(self) -> None:
        async def run() -> ProviderFailure:
            async with raw_server() as closed:
                address = closed.url
            async with httpx.AsyncClient(trust_env=False) as shared:
                client = client_on(shared, StandStill(), HttpSettings(attempts=1))
                with pytest.raises(ProviderFailure) as caught:
                    await client.send(lambda: client.request("GET", address, headers={}), read)
                return caught.value

        assert asyncio.run(run()).code == "provider_unreachable"


class TestSilence:
    BODIES = (
        http(422, f'{{"errorMessage":"{MARKER}"}}'.encode()),
        http(200, f'{{"name":"{MARKER}'.encode()),
        http(200, f"<html>{MARKER}</html>".encode()),
        http(200, f'{{"name":"{MARKER}"}}'.encode(), length=1000),
        http(500, MARKER.encode()),
    )

    @pytest.mark.parametrize("script", BODIES)
    def test_no_byte_of_an_answer_reaches_a_failure_or_what_hangs_on_it(self, script: bytes) -> None:
        failure, _ = asking(script, settings=HttpSettings(attempts=1))
        assert isinstance(failure, ProviderFailure)
        said = "".join(traceback.format_exception(failure))
        assert "Ayşe" not in said
        for hanging in everything_hanging_on(failure):
            assert "Ayşe" not in repr(vars(hanging)) + repr(hanging.args) + str(hanging)

    def test_no_address_with_a_token_is_logged_even_at_debug(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
                caplog.set_level(logging.DEBUG, logger=name)
            asking(http(200, b"{}", f"X-Name: {MARKER.encode().decode('latin-1')}"))
        assert "hidden" not in caplog.text
        assert "X-Name" not in caplog.text

    def test_an_answer_shows_no_content(self) -> None:
        assert repr(Answer(200, MARKER.encode(), None)) == "Answer(status=200, 25 bytes)"


class TestSharedClient:
    def test_cookies_of_one_tenant_are_not_sent_for_another(self) -> None:
        async def run() -> list[bytes]:
            async with raw_server(http(200, b"{}", "Set-Cookie: session=first")) as server:
                async with httpx.AsyncClient(trust_env=False) as shared:
                    for _ in range(2):
                        client = client_on(shared, StandStill(), HttpSettings())
                        await client.send(_get(client, server.url), read)
                return server.requests

        requests = asyncio.run(run())
        assert len(requests) == 2
        assert b"cookie" not in requests[1].lower()


def _get(client: HttpClient, url: str) -> Callable[[], httpx.Request]:
    return lambda: client.request("GET", url, headers={})


def everything_hanging_on(failure: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [failure]
    while waiting:
        error = waiting.pop()
        if error is not None and error not in found:
            found.append(error)
            waiting += [error.__cause__, error.__context__]
    return found
