from __future__ import annotations

import asyncio
import inspect
import json
import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.failure import ProviderFailure
from connectors.netgsm import PROVIDER, account, inbox, jobs, registration
from connectors.netgsm.account import Balance, Package
from connectors.netgsm.client import NetgsmClient
from connectors.netgsm.references import job_of
from connectors.netgsm.session import NetgsmSession, open_session
from connectors.netgsm.settings import LIVE, WHATSAPP_LIVE, NetgsmSettings
from connectors.registry import PROVIDERS, accounts
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.netgsm.desk import desk_of
from connectors.sandbox.server import Sandbox
from tests.connectors.meanings import MEANINGS
from tests.connectors.netgsm.acting import act, asked, in_session, magic, perform, post, sms, spec_of
from tests.connectors.raw_server import Script, http, raw_server
from tests.connectors.stand_still import START, StandStill, spec_at

DAY = timedelta(days=1)


async def _test(session: NetgsmSession) -> None:
    await session.test()


def refused(work: Callable[[], Any]) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        work()
    return caught.value


def answered(work: Callable[[NetgsmClient], Any], *scripts: Script) -> tuple[Any, list[bytes]]:
    async def run() -> tuple[Any, list[bytes]]:
        async with raw_server(*scripts) as server, httpx.AsyncClient(trust_env=False) as shared:
            connection = spec_at(server.url, {"usercode": "850", "password": "p"}, appname="hub")
            async with open_session(connection, shared, clock=StandStill().clock()) as session:
                return await work(session.client), server.requests

    return asyncio.run(run())


def ok(document: Any) -> bytes:
    return http(200, json.dumps(document).encode())


class TestTheAccount:
    def test_it_is_a_source_of_what_people_send_and_shows_its_one_secret_nowhere(self) -> None:
        assert PROVIDERS["netgsm"] is PROVIDER is accounts()["netgsm"]
        assert [stream.name for stream in PROVIDER.streams] == ["incoming_messages"]
        assert {field.name for field in PROVIDER.credential_fields if field.secret} == {"password"}

    def test_right_credentials_pass_with_one_request(self, sandbox: Sandbox) -> None:
        in_session(spec_of(sandbox, "a"), _test)
        assert sandbox.world.requests["netgsm", "a", "/sms/rest/v2/msgheader"] == 1

    @pytest.mark.parametrize("change", [{"password": "api:wrong:wrong"}, {"usercode": "8500000000"}, {"password": ""}])
    def test_wrong_credentials_are_rejected_for_good(self, sandbox: Sandbox, change: dict[str, str]) -> None:
        keys = sandbox.credentials("a", "netgsm") | change
        failure = refused(lambda: in_session(spec_at(sandbox.url, keys), _test))
        assert (failure.kind, failure.code, failure.provider_code) == ("permanent", "credentials_rejected", "30")

    def test_a_sender_name_that_is_not_approved_fails_the_test(self, sandbox: Sandbox) -> None:
        in_session(spec_of(sandbox, "a", msgheader="firma"), _test)
        failure = refused(lambda: in_session(spec_of(sandbox, "a", msgheader="BASKASI"), _test))
        assert (failure.code, failure.field) == ("settings_invalid", "msgheader")

    def test_only_the_live_account_talks_to_the_whatsapp_host(self) -> None:
        keys = {"usercode": "850", "password": "p"}
        clock = StandStill().clock()

        def host(url: str) -> str:
            client = NetgsmClient(spec_at(url, keys), httpx.AsyncClient(), settings=NetgsmSettings(), clock=clock)
            return client._whatsapp_url

        assert host(LIVE) == host(f"{LIVE}/") == WHATSAPP_LIVE
        assert host("http://127.0.0.1:1") == "http://127.0.0.1:1"

    def test_there_is_no_other_stream_to_read(self, sandbox: Sandbox) -> None:
        from tests.connectors.stand_still import days

        async def read(session: NetgsmSession) -> None:
            async for _ in session.pages("messages", days(1)):
                pass

        with pytest.raises(KeyError):
            in_session(spec_of(sandbox, "a"), read)


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("msgheader", "AB"),
            ("msgheader", "ŞİRKET"),
            ("msgheader", True),
            ("appname", "a b"),
            ("partnercode", []),
            ("iys_brand_code", {}),
            ("sms_part_price", "-1"),
            ("sms_part_price", "1000"),
            ("sms_part_price", "NaN"),
            ("otp_price", "ucuz"),
            ("whatsapp_otp_price", True),
            ("reports_per_minute", 0),
            ("requests_per_minute", "many"),
        ],
    )
    def test_a_wrong_one_is_named(self, name: str, value: Any) -> None:
        failure = refused(lambda: NetgsmSettings.of({name: value}))
        assert (failure.kind, failure.code, failure.field) == ("permanent", "settings_invalid", name)

    def test_all_of_them_are_known_to_the_provider(self) -> None:
        given = dict.fromkeys(PROVIDER.setting_names, "5") | {"msgheader": 8503030303}
        settings = NetgsmSettings.of(given)
        assert settings.msgheader == "8503030303"
        assert (settings.sms_part_price, settings.rate.requests, settings.report_rate.requests) == (Decimal(5), 5, 5)
        assert NetgsmSettings.of({"sms_part_price": ""}) == NetgsmSettings()


class TestBalance:
    def test_credit_has_a_decimal_comma_and_packages_any_form_of_number(self, sandbox: Sandbox) -> None:
        perform(spec_of(sandbox, "b"), [act("b1", sms(text="a" * 200))])
        assert asked(spec_of(sandbox, "b"), account.balance) == Balance(
            Decimal("2.7"), (Package("Adet SMS", Decimal(99_998)), Package("Adet OTP Sms", Decimal(1000)))
        )

    @pytest.mark.parametrize(
        ("written", "amount"), [("1.234,56", "1234.56"), ("0,05", "0.05"), ("12", "12"), (12, "12"), (2.7, "2.7")]
    )
    def test_amounts_are_exact(self, written: Any, amount: str) -> None:
        found, _ = answered(account.balance, ok({"code": "00", "balance": written}), ok({"balance": []}))
        assert found == Balance(Decimal(amount), ())

    def test_an_account_without_packages_has_none(self) -> None:
        found, _ = answered(account.balance, ok({"code": "00", "balance": "1"}), http(406, b'{"code":"60"}'))
        assert found == Balance(Decimal(1), ())

    def test_its_credentials_are_in_the_body_and_in_no_header(self) -> None:
        _, requests = answered(account.balance, ok({"code": "00", "balance": "0"}), ok({"balance": []}))
        head, _, body = requests[0].partition(b"\r\n\r\n")
        assert b"authorization" not in head.lower()
        assert json.loads(body) == {"usercode": "850", "password": "p", "stip": 2, "appkey": "hub"}

    @pytest.mark.parametrize(
        ("documents", "field"),
        [
            (({"code": "00", "balance": "çok"},), "balance"),
            (({"code": "00", "balance": True},), "balance"),
            (({"code": "00", "balance": "1"}, {"balance": [{"amount": 1}]}), "balance_name"),
            (({"code": "00", "balance": "1"}, {"balance": "1"}), "balance"),
        ],
    )
    def test_a_wrong_type_names_its_field(self, documents: tuple[Any, ...], field: str) -> None:
        failure = refused(lambda: answered(account.balance, *map(ok, documents)))
        assert (failure.code, failure.field) == ("wrong_type", field)


def test_headers_are_read_under_either_name(sandbox: Sandbox) -> None:
    assert "FIRMA" in asked(spec_of(sandbox, "h"), account.headers)
    assert answered(account.headers, ok({"code": "00", "msgheader": ["A", "B"]}))[0] == ["A", "B"]


class TestInbox:
    def test_it_is_read_between_two_times_as_often_as_one_likes(self, sandbox: Sandbox) -> None:
        desk = desk_of(sandbox.world)
        desk.receive("i", "5321234567", "RET", at=START - DAY)
        desk.receive("i", "5321234567", "Adres: Moda Cad. 3, Kadıköy", at=START - 2 * DAY)
        for _ in range(2):
            found = asked(spec_of(sandbox, "i"), lambda client: inbox.messages(client, START - 3 * DAY, START))
            assert [each.text for each in found] == ["Adres: Moda Cad. 3, Kadıköy", "RET"]
        assert (found[1].sender, found[1].at) == ("+905321234567", START - DAY)
        assert "RET" not in repr(found)
        assert "532123" not in repr(found)
        only = asked(spec_of(sandbox, "i"), lambda client: inbox.messages(client, START - 3 * DAY, START - 2 * DAY))
        assert len(only) == 1

    def test_an_empty_inbox_is_no_failure(self, sandbox: Sandbox) -> None:
        assert asked(spec_of(sandbox, "empty"), lambda client: inbox.messages(client, START - DAY, START)) == []

    def test_there_is_no_way_to_ask_without_dates(self) -> None:
        parameters = inspect.signature(inbox.messages).parameters
        assert [parameters[name].default for name in ("start", "stop")] == [inspect.Parameter.empty] * 2
        public = {name for name, value in vars(inbox).items() if inspect.isfunction(value) and name[0] != "_"}
        assert public & {"messages"} == {"messages"}
        asking = [name for name in public if getattr(inbox, name).__module__ == inbox.__name__]
        assert asking == ["messages"]

    @pytest.mark.parametrize(
        ("start", "stop"),
        [
            (None, None),
            (START, None),
            (datetime(2026, 11, 1), datetime(2026, 11, 2)),  # noqa: DTZ001 - what is refused
            (START, START),
            (START, START - DAY),
            (START - 31 * DAY, START),
        ],
    )
    def test_bounds_that_are_none_are_refused_and_nothing_is_asked(
        self, sandbox: Sandbox, start: Any, stop: Any
    ) -> None:
        with pytest.raises((ValueError, AttributeError)):
            asked(spec_of(sandbox, "bounds"), lambda client: inbox.messages(client, start, stop))
        assert sandbox.world.requests["netgsm", "bounds", inbox.PATH] == 0

    def test_dates_are_in_every_request(self) -> None:
        _, requests = answered(
            lambda client: inbox.messages(client, START - DAY, START), ok({"code": "00", "messages": []})
        )
        assert requests[0].startswith(b"GET /sms/rest/v2/inbox?startdate=17112026120000&stopdate=18112026120000")

    def test_without_dates_the_stand_in_gives_a_message_once_and_for_all(self, sandbox: Sandbox) -> None:
        desk_of(sandbox.world).receive("gone", "5321234567", "Merhaba", at=START - DAY)
        first = post(sandbox, "gone", inbox.PATH, method="GET")
        assert len(first[1]["messages"]) == 1
        assert post(sandbox, "gone", inbox.PATH, method="GET")[1]["code"] == "40"
        assert asked(spec_of(sandbox, "gone"), lambda client: inbox.messages(client, START - 3 * DAY, START)) == []


class TestJobs:
    def test_a_job_of_the_future_can_be_taken_back_once(self, moving_sandbox: Sandbox) -> None:
        (taken,) = perform(spec_of(moving_sandbox, "c"), [act("s", sms(start="2026-11-19T12:00:00+03:00"))])
        job = job_of(getattr(taken, "provider_reference", ""))
        assert asked(spec_of(moving_sandbox, "c"), lambda client: jobs.cancel(client, job)) is True
        assert asked(spec_of(moving_sandbox, "c"), lambda client: jobs.cancel(client, job)) is False

    def test_what_has_begun_cannot(self, sandbox: Sandbox) -> None:
        (taken,) = perform(spec_of(sandbox, "begun"), [act("s", sms())])
        job = job_of(getattr(taken, "provider_reference", ""))
        assert asked(spec_of(sandbox, "begun"), lambda client: jobs.cancel(client, job)) is False
        assert asked(spec_of(sandbox, "other"), lambda client: jobs.cancel(client, job)) is False

    def test_a_jobs_messages_are_counted_by_status(self, moving_sandbox: Sandbox) -> None:
        people = [sms(text="a" * 200), sms(magic("015")), sms("+905331234567")]
        outcomes = perform(spec_of(moving_sandbox, "c"), [act(f"j{i}", each) for i, each in enumerate(people)])
        moving_sandbox.advance(minutes=2)
        counts: list[jobs.JobCount] = []
        for job in {job_of(getattr(outcome, "provider_reference", "")) for outcome in outcomes}:
            counts += asked(spec_of(moving_sandbox, "c"), lambda client, job=job: jobs.stats(client, job))
        assert sum(count.messages or 0 for count in counts) == 3
        assert {count.status for count in counts} == {1, 15}
        assert asked(spec_of(moving_sandbox, "c"), lambda client: jobs.stats(client, "7")) == []


class TestRegistration:
    def test_an_address_is_registered_and_removed(self, sandbox: Sandbox) -> None:
        connection = spec_of(sandbox, "hook")
        asked(connection, lambda client: registration.register(client, "reports", "https://hub.example/h/abc"))
        asked(connection, lambda client: registration.remove(client, "reports"))
        asked(connection, lambda client: registration.remove(client, "reports"))
        assert sandbox.world.requests["netgsm", "hook", "/sms/rest/v2/reportwebhook"] == 3

    def test_no_secret_goes_over_plain_http(self, sandbox: Sandbox) -> None:
        with pytest.raises(ValueError, match="https"):
            asked(
                spec_of(sandbox, "hook"),
                lambda client: registration.register(client, "incoming", "http://hub.example/h/abc"),
            )


class TestFaults:
    # Unpacking 96 MiB four times is dear; a send does it once.
    @pytest.mark.parametrize("kind", [kind for kind in MEANINGS if kind not in ("bomb", "wrong_type")])
    def test_a_question_means_and_is_asked_again_as_with_every_provider(
        self, sandbox: Sandbox, kind: FaultKind
    ) -> None:
        company, path = f"ask-{kind}", "/sms/rest/v2/msgheader"
        sandbox.world.faults.add(Fault(kind, company=company, seconds=30))
        timeout = 0.2 if kind == "slow" else 30
        connection = spec_of(sandbox, company, request_timeout_seconds=timeout)
        failure = refused(lambda: asked(connection, account.headers))
        expected_kind, code, requests = MEANINGS[kind]
        assert (failure.kind, failure.code) == (expected_kind, code)
        assert sandbox.world.requests["netgsm", company, path] == requests

    def test_a_code_of_another_type_is_no_success(self, sandbox: Sandbox) -> None:
        sandbox.world.faults.add(Fault("wrong_type", company="typed"))
        failure = refused(lambda: asked(spec_of(sandbox, "typed"), account.headers))
        assert (failure.code, failure.field) == ("wrong_type", "code")

    @pytest.mark.parametrize("kind", ["wrong_type", "undeclared_column"])
    def test_a_spoilt_report_is_read_as_far_as_it_goes(self, sandbox: Sandbox, kind: FaultKind) -> None:
        from tests.connectors.netgsm.acting import attempted, look_up

        perform(spec_of(sandbox, f"spoilt-{kind}"), [act("s", sms())])
        sandbox.world.faults.add(Fault(kind, company=f"spoilt-{kind}"))
        (found,) = look_up(spec_of(sandbox, f"spoilt-{kind}"), [attempted(act("s", sms()))])
        assert getattr(found, "state", None) == "accepted"


KINDS: tuple[FaultKind | None, ...] = (
    None,
    "rate_limited",
    "credentials_expired",
    "error_with_personal_data",
    "truncated",
    "cut_after",
)


class TestSecrets:
    def test_credentials_and_people_are_in_no_repr_log_or_exception(
        self, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        credentials = sandbox.credentials("silent", "netgsm")
        person = sandbox.world.company("silent").customer(0)
        connection = spec_of(sandbox, "silent")
        said: list[str] = [repr(connection), repr(act("r", sms(person.phone)))]

        async def work(session: NetgsmSession) -> None:
            said.extend([repr(session), repr(vars(session)), repr(vars(session.client))])
            await session.test()
            await account.balance(session.client)

        with caplog.at_level(logging.DEBUG):
            for kind in KINDS:
                sandbox.world.faults.clear()
                if kind is not None:
                    sandbox.world.faults.add(Fault(kind, company="silent"))
                try:
                    said.append(repr(perform(connection, [act("r", sms(person.phone, person.name))])))
                    in_session(connection, work)
                except ProviderFailure as failure:
                    said.append("".join(traceback.format_exception(failure)))
        said.append(caplog.text)
        assert len(said) > 2 * len(KINDS)
        hidden = (credentials["password"], person.phone[3:], person.surname, person.tckn, person.email, "Basic ")
        for text in said:
            assert not any(value in text for value in hidden)
