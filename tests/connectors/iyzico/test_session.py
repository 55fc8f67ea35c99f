from __future__ import annotations

import asyncio
import logging
import traceback
from typing import Any

import pytest

from connectors.failure import ProviderFailure
from connectors.iyzico.session import IyzicoSession
from connectors.iyzico.signing import authorization
from connectors.sandbox.faults import FAULT_KINDS, Fault
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import days, in_session, read, session, spec, spec_at

SHOP = "shop-2"


async def _test(opened: IyzicoSession) -> None:
    await opened.test()


def failure_of_test(url: str, credentials: dict[str, str]) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        in_session(spec_at(url, credentials), _test)
    return caught.value


class TestTheTest:
    def test_right_credentials_pass_with_one_request(self, sandbox: Sandbox) -> None:
        in_session(spec(sandbox, SHOP), _test)
        assert sum(sandbox.world.requests.values()) == 1

    @pytest.mark.parametrize(
        ("change", "provider_code"),
        [
            ({"secret_key": "sandbox-wrong"}, "1000"),
            ({"api_key": "sandbox-unknown"}, "1001"),
            ({"api_key": "live-key"}, "1001"),
        ],
    )
    def test_wrong_credentials_are_rejected_for_good(
        self, sandbox: Sandbox, change: dict[str, str], provider_code: str
    ) -> None:
        failure = failure_of_test(sandbox.url, sandbox.credentials(SHOP) | change)
        assert (failure.kind, failure.code, failure.provider_code) == (
            "permanent",
            "credentials_rejected",
            provider_code,
        )
        assert sum(sandbox.world.requests.values()) == 1, "a rejection is not tried again"

    def test_credentials_of_another_sandbox_are_unknown(self, sandbox: Sandbox) -> None:
        from connectors.sandbox.server import credentials

        failure = failure_of_test(sandbox.url, credentials(sandbox.world.seed + 1, SHOP, "iyzico"))
        assert failure.provider_code == "1001"


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("requests_per_minute", "many"),
            ("requests_per_minute", 0),
            ("requests_per_minute", -5),
            ("requests_per_minute", True),
            ("request_timeout_seconds", "nan"),
            ("request_timeout_seconds", []),
            ("settlement_directory", "relative/path"),
            ("settlement_directory", 7),
        ],
    )
    def test_a_wrong_setting_is_named(self, sandbox: Sandbox, name: str, value: Any) -> None:
        with pytest.raises(ProviderFailure) as caught:
            in_session(spec(sandbox, SHOP, **{name: value}), _test)
        assert (caught.value.kind, caught.value.code, caught.value.field) == ("permanent", "settings_invalid", name)

    def test_an_address_below_a_path_is_signed_with_that_path(self) -> None:
        keys = {"api_key": "a", "secret_key": "s"}

        async def run() -> bytes:
            async with raw_server(http(200, b'{"status":"success"}')) as server:
                async with session(spec_at(f"{server.url}/proxy/", keys)) as opened:
                    await opened.test()
                return server.requests[0]

        request = asyncio.run(run()).decode()
        path = request.split()[1].partition("?")[0]
        nonce = request.partition("x-iyzi-rnd: ")[2].partition("\r\n")[0]
        assert path == "/proxy/v2/reporting/payment/transactions"
        assert authorization(Secret("a"), Secret("s"), random_key=nonce, path=path, body=b"") in request


class TestSecrets:
    def test_secrets_are_in_no_repr_log_or_exception(self, sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
        credentials = sandbox.credentials(SHOP)
        connection = spec(sandbox, SHOP)
        said: list[str] = [repr(connection)]

        async def work(opened: IyzicoSession) -> None:
            said.extend([repr(opened), repr(vars(opened)), repr(vars(vars(opened)["_client"]))])
            async for _ in opened.pages("transactions", days(1)):
                pass

        with caplog.at_level(logging.DEBUG):
            for kind in (None, *FAULT_KINDS):
                sandbox.world.faults.clear()
                if kind not in (None, "slow", "late"):
                    sandbox.world.faults.add(Fault(kind))
                try:
                    in_session(connection, work)
                except ProviderFailure as failure:
                    said.append("".join(traceback.format_exception(failure)))
        said.append(caplog.text)
        assert len(said) > 10
        for text in said:
            assert credentials["secret_key"] not in text
            assert credentials["api_key"] not in text
            assert "IYZWSv2" not in text


class TestPersonalData:
    def test_a_provider_that_quotes_a_person_is_not_quoted(
        self, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        from connectors.sandbox.gate import QUOTED_CUSTOMER

        person = sandbox.world.company(SHOP).customer(QUOTED_CUSTOMER)
        sandbox.world.faults.add(Fault("error_with_personal_data", company=SHOP))
        with caplog.at_level(logging.DEBUG), pytest.raises(ProviderFailure) as caught:
            read(spec(sandbox, SHOP), "transactions")
        said = "".join(traceback.format_exception(caught.value)) + caplog.text
        assert (caught.value.kind, caught.value.code, caught.value.provider_code) == (
            "permanent",
            "request_refused",
            "11",
        )
        for value in (person.surname, person.tckn, person.plain_phone, person.email, person.plate, person.upper_name):
            assert value not in said
