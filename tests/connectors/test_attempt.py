from __future__ import annotations

import asyncio
import socket
from datetime import timedelta

import httpx
import pytest

from connectors.actions import Outcome, Refused, Taken, Unclear
from connectors.attempt import AttemptClient, begin_by, refused_or_unclear, time_passed
from connectors.contract import RateLimit
from connectors.failure import ProviderFailure
from connectors.http import Answer, HttpSettings
from connectors.limits import CredentialLimit
from tests.connectors.raw_server import Script, http, raw_server
from tests.connectors.stand_still import StandStill


def judged(answer: Answer) -> Outcome:
    return refused_or_unclear(answer) or Taken("reference")


def attempted(*scripts: Script, settings: HttpSettings | None = None) -> tuple[Outcome, int]:
    """The outcome of one attempt, and how many requests the server saw."""

    async def run() -> tuple[Outcome, int]:
        async with raw_server(*scripts) as server, httpx.AsyncClient(trust_env=False) as shared:
            client = client_on(shared, settings)
            outcome = await client.attempt(client.request("POST", server.url, headers={}, content=b"{}"), judged)
            return outcome, len(server.requests)

    return asyncio.run(run())


def client_on(shared: httpx.AsyncClient, settings: HttpSettings | None = None) -> AttemptClient:
    limit = CredentialLimit(RateLimit(requests=1000, per=timedelta(seconds=1)))
    return AttemptClient(shared, limit=limit, settings=settings or HttpSettings(), clock=StandStill().clock())


def test_an_accepted_answer_is_taken() -> None:
    assert attempted(http(200, b"{}")) == (Taken("reference"), 1)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_status_that_a_proxy_may_have_given_leaves_it_unclear_and_is_not_tried_again(status: int) -> None:
    outcome, requests = attempted(http(status, b""), http(200, b"{}"))
    assert isinstance(outcome, Unclear)
    assert requests == 1


@pytest.mark.parametrize("status", [301, 400, 401, 404, 422, 429])
def test_a_refusal_is_certain(status: int) -> None:
    assert isinstance(attempted(http(status, b""))[0], Refused)


def test_a_connection_cut_after_the_request_is_unclear() -> None:
    outcome, requests = attempted(b"")
    assert isinstance(outcome, Unclear)
    assert requests == 1


def test_an_answer_cut_in_the_middle_is_unclear() -> None:
    outcome, _ = attempted(http(200, b"{", length=100))
    assert isinstance(outcome, Unclear)
    assert outcome.failure.code == "answer_truncated"


def test_no_answer_in_time_is_unclear() -> None:
    outcome, _ = attempted(None, settings=HttpSettings(request_timeout=0.2))
    assert isinstance(outcome, Unclear)
    assert outcome.failure.code == "provider_timeout"


def test_a_provider_that_was_never_reached_did_nothing() -> None:
    with socket.socket() as taken:  # bound and not listening: nobody can answer there
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"

        async def run() -> Outcome:
            async with httpx.AsyncClient(trust_env=False) as shared:
                client = client_on(shared)
                return await client.attempt(client.request("POST", url, headers={}), judged)

        outcome = asyncio.run(run())
    assert isinstance(outcome, Refused)
    assert (outcome.failure.kind, outcome.failure.code) == ("transient", "provider_unreachable")


def test_words_that_cannot_be_made_out_leave_it_unclear() -> None:
    async def run() -> Outcome:
        async with raw_server(http(200, b"<html>")) as server, httpx.AsyncClient(trust_env=False) as shared:
            client = client_on(shared)

            def unreadable(_answer: Answer) -> Outcome:
                raise ProviderFailure("transient", "answer_malformed")

            return await client.attempt(client.request("POST", server.url, headers={}), unreadable)

    assert isinstance(asyncio.run(run()), Unclear)


def test_an_attempt_whose_time_is_over_before_its_first_byte_never_begins() -> None:
    """Also when it was over only after the wait for a place and the connection to the provider."""
    with begin_by(time_passed() - 0.001):
        outcome, requests = attempted(http(200, b"{}"))
    assert isinstance(outcome, Refused)
    assert requests == 0
    with begin_by(time_passed() + 60):
        assert attempted(http(200, b"{}")) == (Taken("reference"), 1)


def test_one_whose_time_is_over_between_head_and_body_is_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 2.0])
    monkeypatch.setattr("connectors.attempt.time_passed", lambda: next(moments))
    with begin_by(1.0):
        outcome, _ = attempted(http(200, b"{}"))
    assert isinstance(outcome, Unclear)
