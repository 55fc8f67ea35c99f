"""Reports of the gateway over real HTTP: what comes, how often it is asked for, and whose account is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.contract import ColumnType, Row, Window
from connectors.failure import ProviderFailure
from connectors.findeks import PROVIDER
from connectors.findeks.settings import FindeksSettings
from connectors.sandbox.findeks.bureau import PENDING_FOR, queries
from connectors.sandbox.server import Sandbox
from tests.connectors.findeks.bureau import ScriptedGateway, at, in_session, read, spec, whole
from tests.connectors.stand_still import START, StandStill

SHOP = "shop-1"
LIST, TOKEN = "/findeks/reports", "/oauth/token"
PYTHON_TYPES: dict[ColumnType, tuple[type, ...]] = {
    "text": (str,),
    "int": (int,),
    "decimal": (Decimal,),
    "bool": (bool,),
    "timestamp": (datetime,),
    "date": (object,),
    "json": (object,),
}


def requested(sandbox: Sandbox, path: str, company: str = SHOP) -> int:
    return sandbox.world.requests[("findeks", company, path)]


def keyed(stream: str, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    key = PROVIDER.stream(stream).key
    found = {tuple(row[name] for name in key): row for row in rows}
    assert len(found) == len(rows)
    return found


class TestReports:
    def test_rows_hold_exactly_the_declared_columns_in_their_types(self, sandbox: Sandbox) -> None:
        found = read(spec(sandbox, SHOP))
        assert found.keys() == {"reports", "accounts", "enquiries", "cheque_periods", "bounced_cheques"}
        for name, rows in found.items():
            declared = {column.name: column for column in PROVIDER.stream(name).columns}
            keyed(name, rows)
            for row in rows:
                assert row.keys() == declared.keys()
                for column, value in row.items():
                    assert value is None or isinstance(value, PYTHON_TYPES[declared[column].type]), column
                    assert value is not None or declared[column].nullable, column
                    assert value is None or not declared[column].allowed or value in declared[column].allowed, column

    def test_every_report_of_the_books_comes_once_whatever_the_page(self, sandbox: Sandbox) -> None:
        rows = read(spec(sandbox, SHOP))["reports"]
        told = {query.reference_no for query in queries(sandbox.world, SHOP) if query.state(START) != "PENDING"}
        assert {row["reference_no"] for row in rows} == told
        assert requested(sandbox, LIST) == -(-len(told) // sandbox.world.pace.page_size) > 2

    def test_people_sole_traders_and_companies_are_told_apart(self, sandbox: Sandbox) -> None:
        rows = read(spec(sandbox, SHOP))["reports"]
        kinds = {(row["subject_type"], row["identity_type"]) for row in rows}
        assert kinds == {("INDIVIDUAL", "TCKN"), ("INDIVIDUAL", "VKN"), ("COMPANY", "VKN")}

    def test_a_thin_file_has_a_reason_and_no_score(self, sandbox: Sandbox) -> None:
        rows = [row for row in read(spec(sandbox, SHOP))["reports"] if row["no_score_reason"]]
        assert rows
        assert {(row["score"], row["score_band"]) for row in rows} == {(None, None)}

    def test_a_window_holds_what_changed_in_it_and_no_later_report(self, sandbox: Sandbox) -> None:
        middle = START - timedelta(days=20)
        before = read(spec(sandbox, SHOP), Window(START - timedelta(days=90), middle))["reports"]
        after = read(spec(sandbox, SHOP), Window(middle, START))["reports"]
        assert max(row["updated_at"] for row in before) < middle <= min(row["updated_at"] for row in after)
        assert len(before) + len(after) == len(read(spec(sandbox, SHOP))["reports"])

    def test_a_report_comes_when_it_is_ready_and_new_ones_come_with_time(self, moving_sandbox: Sandbox) -> None:
        before = keyed("reports", read(spec(moving_sandbox, SHOP))["reports"])
        moving_sandbox.advance(hours=30)
        pending = read(spec(moving_sandbox, SHOP), whole(START + timedelta(hours=31)))["reports"]
        moving_sandbox.advance(minutes=PENDING_FOR.total_seconds() / 60)
        ready = read(spec(moving_sandbox, SHOP), whole(START + timedelta(hours=31)))["reports"]
        assert len(ready) == len(pending) + 1 > len(before)
        assert all(before[key] == row for key, row in keyed("reports", ready).items() if key in before)

    def test_an_empty_window_has_no_page(self, sandbox: Sandbox) -> None:
        later = START + timedelta(days=1)
        assert read(spec(sandbox, SHOP), Window(later, later + timedelta(days=1))) == {}

    def test_a_report_in_xml_says_the_same_as_in_json(self, sandbox: Sandbox) -> None:
        in_json = keyed("reports", read(spec(sandbox, SHOP))["reports"])
        found = read(spec(sandbox, SHOP, report_format="xml"))
        in_xml = keyed("reports", found["reports"])
        assert in_json.keys() == in_xml.keys()
        same = ("identity_number", "full_name", "subject_type", "score", "queried_at", "total_debt")
        for key, row in in_xml.items():
            assert {name: row[name] for name in same} == {name: in_json[key][name] for name in same}
            assert row["score_band"] == in_json[key]["score_band"] or row["score_model"] == "TKN"
        accounts = keyed("accounts", read(spec(sandbox, SHOP))["accounts"])
        for key, row in keyed("accounts", found["accounts"]).items():
            assert row["credit_type"] == accounts[key]["credit_type"]
            assert row["balance"] == accounts[key]["balance"]

    def test_one_report_that_the_gateway_keeps_back_does_not_stop_the_others(self, sandbox: Sandbox) -> None:
        with ScriptedGateway(kept_back) as server:
            rows = read(at(server.url, {"client_id": "a", "client_secret": "b"}))["reports"]
        assert [row["reference_no"] for row in rows] == ["FK0002"]


class TestTheList:
    def test_one_that_leads_back_to_itself_ends(self) -> None:
        def far(path: str) -> tuple[int, Any]:
            return 200, {"items": [], "nextCursor": "same"} if "reports" in path else TOKENS

        with ScriptedGateway(far) as server, pytest.raises(ProviderFailure, match="transient answer_malformed"):
            read(at(server.url, {"client_id": "a", "client_secret": "b"}))

    def test_whole_reports_in_it_are_not_asked_for_again(self) -> None:
        asked: list[str] = []

        def far(path: str) -> tuple[int, Any]:
            asked.append(path)
            return 200, {"items": [report("FK0001")]} if "reports" in path else TOKENS

        with ScriptedGateway(far) as server:
            assert len(read(at(server.url, {"client_id": "a", "client_secret": "b"}))["reports"]) == 1
        assert len(asked) == 2


class TestTheAccount:
    def test_a_token_serves_all_requests_of_a_session(self, sandbox: Sandbox) -> None:
        read(spec(sandbox, SHOP))
        assert requested(sandbox, TOKEN) == 1

    def test_a_token_that_ends_meanwhile_is_renewed_once(self, moving_sandbox: Sandbox) -> None:
        async def work(opened: Any) -> None:
            await opened.test()
            moving_sandbox.advance(hours=2)
            await opened.test()

        in_session(spec(moving_sandbox, SHOP), work)
        assert (requested(moving_sandbox, TOKEN), requested(moving_sandbox, LIST)) == (2, 3)

    def test_a_token_is_renewed_before_its_end_by_our_own_clock(self, sandbox: Sandbox) -> None:
        time = StandStill()

        async def work(opened: Any) -> None:
            await opened.test()
            time.slept.append(3600 - 60)
            await opened.test()

        in_session(spec(sandbox, SHOP), work, time)
        assert (requested(sandbox, TOKEN), requested(sandbox, LIST)) == (2, 2)

    def test_a_wrong_secret_is_named_and_not_tried_again(self, sandbox: Sandbox) -> None:
        credentials = sandbox.credentials(SHOP, "findeks") | {"client_secret": "wrong"}
        with pytest.raises(ProviderFailure, match="permanent credentials_rejected"):
            read(at(sandbox.url, credentials))
        assert (requested(sandbox, TOKEN), requested(sandbox, LIST)) == (1, 0)

    def test_a_right_account_passes_the_test(self, sandbox: Sandbox) -> None:
        in_session(spec(sandbox, SHOP), lambda opened: opened.test())
        assert requested(sandbox, LIST) == 1

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            ((400, {"error": "invalid_client"}), "credentials_rejected"),
            ((400, {"error": "unauthorized_client"}), "credentials_rejected"),
            ((401, {}), "credentials_rejected"),
            ((403, {"code": 2002}), "not_licensed"),
            ((400, {"code": "5001"}), "not_licensed"),
            ((400, {"code": 1002}), "request_refused"),
            ((403, {"code": 6001}), "basis_missing"),
        ],
    )
    def test_what_is_wrong_with_an_account_is_permanent(self, answer: tuple[int, Any], code: str) -> None:
        with (
            ScriptedGateway(lambda path: answer if TOKEN in path else (500, {})) as far,
            pytest.raises(ProviderFailure) as caught,
        ):
            read(at(far.url, {"client_id": "a", "client_secret": "b"}))
        assert (caught.value.kind, caught.value.code) == ("permanent", code)

    @pytest.mark.parametrize(
        "credentials", [{}, {"client_id": "a"}, {"client_secret": "b"}, {"client_id": "", "client_secret": "b"}]
    )
    def test_half_an_account_is_none(self, credentials: dict[str, str]) -> None:
        with pytest.raises(ProviderFailure, match="permanent credentials_rejected"):
            read(at("http://127.0.0.1:9", credentials))

    def test_without_an_address_the_setting_is_named(self) -> None:
        with pytest.raises(ProviderFailure, match=r"permanent settings_invalid field=base_url"):
            read(at(PROVIDER.environments["live"], {"client_id": "a", "client_secret": "b"}))

    def test_secrets_do_not_print(self, sandbox: Sandbox) -> None:
        connection = spec(sandbox, SHOP)
        secret = connection.credentials["client_secret"].reveal()

        async def work(opened: Any) -> str:
            await opened.test()
            return repr(opened) + repr(vars(opened)) + repr(vars(opened._client))

        assert secret not in in_session(connection, work)


class TestHowOften:
    def test_requests_stay_within_the_rate(self, sandbox: Sandbox) -> None:
        time = StandStill()
        read(spec(sandbox, "shop-rate", requests_per_minute=10), time=time)
        asked = sum(count for (_, company, _), count in sandbox.world.requests.items() if company == "shop-rate")
        assert asked > 30
        assert sum(time.slept) >= (asked - 1) // 10 * 60

    def test_no_stream_is_polled_more_often_than_every_five_minutes(self) -> None:
        streams = [stream for stream in PROVIDER.streams if stream.parent is None]
        assert all(stream.every is not None and stream.every >= timedelta(minutes=5) for stream in streams)
        assert PROVIDER.interval >= timedelta(minutes=5)

    @pytest.mark.parametrize(("asked_for", "wait"), [(None, 300.0), ("7", 300.0), ("900", 900.0)])
    def test_not_even_after_a_failure(self, asked_for: str | None, wait: float) -> None:
        headers = {} if asked_for is None else {"retry-after": asked_for}
        with ScriptedGateway(lambda _path: (503, {}, headers)) as far, pytest.raises(ProviderFailure) as caught:
            read(at(far.url, {"client_id": "a", "client_secret": "b"}))
        assert caught.value.retry_after == wait
        assert caught.value.__context__ is None


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("requests_per_minute", "many"),
            ("requests_per_minute", 0),
            ("request_timeout_seconds", True),
            ("report_directory", "relative/path"),
            ("report_directory", 7),
            ("report_format", "pdf"),
        ],
    )
    def test_a_wrong_one_is_named(self, name: str, value: object) -> None:
        with pytest.raises(ProviderFailure, match=f"permanent settings_invalid field={name}"):
            FindeksSettings.of({name: value})


TOKENS = {"access_token": "t", "expires_in": 3600}


def report(reference: str) -> dict[str, Any]:
    return {
        "reportId": reference.lower(),
        "referenceNo": reference,
        "status": "READY",
        "updatedAt": "2026-11-01T10:00:00+03:00",
        "subject": {"type": "COMPANY", "identityType": "VKN", "identityNumber": "4540536920"},
    }


def kept_back(path: str) -> tuple[int, Any]:
    if "oauth" in path:
        return 200, TOKENS
    if path.endswith("/fk0001"):
        return 403, {"code": 6001, "description": "CONSENT_REQUIRED"}
    if path.endswith("/fk0002"):
        return 200, report("FK0002")
    heads = [
        {name: value for name, value in report(each).items() if name != "subject"} for each in ("FK0001", "FK0002")
    ]
    return 200, {"items": heads, "nextCursor": None}
