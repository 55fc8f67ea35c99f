from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.netgsm import PROVIDER, account
from connectors.netgsm.account import Balance, Package
from connectors.netgsm.client import NetgsmClient
from connectors.netgsm.session import NetgsmSession
from connectors.netgsm.settings import LIVE, WHATSAPP_LIVE, NetgsmSettings
from connectors.registry import PROVIDERS, accounts
from connectors.sandbox.server import Sandbox
from tests.connectors.netgsm.acting import act, answered, asked, in_session, ok, perform, refused, sms, spec_of
from tests.connectors.raw_server import http
from tests.connectors.stand_still import StandStill, spec_at

DAY = timedelta(days=1)


async def _test(session: NetgsmSession) -> None:
    await session.test()


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
