from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connectors.iyzico.signing import authorization, response_signature
from connectors.sandbox.control import PREFIX
from connectors.sandbox.faults import Fault, Faults
from connectors.sandbox.server import Sandbox, SandboxProcess
from connectors.sandbox.world import Pace
from connectors.secret import Secret
from tests.connectors.stand_still import START, days, keyed, read, spec, spec_at

SHOP = "shop-4"
TRANSACTIONS = "/v2/reporting/payment/transactions"


def ask(
    sandbox: Sandbox,
    method: str,
    path: str,
    *,
    query: str = "",
    body: bytes = b"",
    signed_body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A hand-signed request; the answer's document."""
    keys = {name: Secret(value) for name, value in sandbox.credentials(SHOP).items()}
    token = authorization(
        keys["api_key"],
        keys["secret_key"],
        random_key="abc",
        path=path,
        body=body if signed_body is None else signed_body,
    )
    sent = {"authorization": token, "content-type": "application/json", **(headers or {})}
    url = f"{sandbox.url}{path}{query}"
    return httpx.request(method, url, content=body or None, headers=sent, trust_env=False).json()


class TestSignature:
    QUERY = "?transactionDate=2026-11-17&page=1"

    @pytest.mark.parametrize("body", [b"", b"{}", b"null"])
    def test_each_clients_way_of_a_get_is_accepted(self, sandbox: Sandbox, body: bytes) -> None:
        answer = ask(sandbox, "GET", TRANSACTIONS, query=self.QUERY, body=body)
        assert answer["status"] == "success"

    @pytest.mark.parametrize(
        "body", [rb'{"binNumber":"552608","x":"\u00f6"}', '{ "binNumber" : "552608","x":"ö"}'.encode()]
    )
    def test_the_signature_is_checked_over_the_bytes_and_not_over_what_they_mean(
        self, sandbox: Sandbox, body: bytes
    ) -> None:
        assert ask(sandbox, "POST", "/payment/bin/check", body=body)["status"] == "success"
        for meaning_the_same in (json.dumps(json.loads(body)).encode(), body + b"\n", b" " + body):
            refused = ask(sandbox, "POST", "/payment/bin/check", body=body, signed_body=meaning_the_same)
            assert refused["errorCode"] == "1000"
            refused = ask(sandbox, "POST", "/payment/bin/check", body=meaning_the_same, signed_body=body)
            assert refused["errorCode"] == "1000"

    @pytest.mark.parametrize(
        "header",
        [
            "IYZWS sandbox:abc",
            "IYZWSv2",
            "IYZWSv2 %%%",
            "IYZWSv2 YQ==",
            "Bearer x",
            "IYZWSv2  " + "x" * 10,
        ],
    )
    def test_another_scheme_or_a_broken_token_is_an_invalid_signature(self, sandbox: Sandbox, header: str) -> None:
        answer = ask(sandbox, "GET", TRANSACTIONS, query=self.QUERY, headers={"authorization": header})
        assert (answer["status"], answer["errorCode"]) == ("failure", "1000")


class TestEndpoints:
    def test_the_envelope_is_iyzicos(self, sandbox: Sandbox) -> None:
        answer = ask(sandbox, "GET", TRANSACTIONS, query="?transactionDate=2026-11-17&page=1&conversationId=c-1")
        assert answer["locale"] == "tr"
        assert answer["conversationId"] == "c-1"
        assert answer["systemTime"] == int(START.timestamp() * 1000)
        assert answer["currentPage"] == 1

    def test_a_day_without_movements_has_no_counters(self, sandbox: Sandbox) -> None:
        answer = ask(sandbox, "GET", TRANSACTIONS, query="?transactionDate=2020-01-01&page=1")
        assert answer["transactions"] == []
        assert answer.keys().isdisjoint({"currentPage", "totalPageCount"})

    def test_a_day_that_has_not_come_has_no_movements(self, sandbox: Sandbox) -> None:
        assert ask(sandbox, "GET", TRANSACTIONS, query="?transactionDate=2026-11-19&page=1")["transactions"] == []

    @pytest.mark.parametrize(
        "query",
        ["", "?transactionDate=gestern&page=1", "?transactionDate=2026-11-17", "?transactionDate=2026-11-17&page=0"],
    )
    def test_a_request_without_what_it_needs_is_refused(self, sandbox: Sandbox, query: str) -> None:
        assert ask(sandbox, "GET", TRANSACTIONS, query=query)["errorCode"] == "11"

    def test_scrolling_brings_the_same_rows_as_paging(self, sandbox: Sandbox) -> None:
        paged = read(spec(sandbox, SHOP), "transactions", days(1, START.replace(hour=0)))["transactions"]
        day = START.date() - timedelta(days=1)
        seen: list[str] = []
        while True:
            last = f"&lastId={seen[-1]}" if seen else ""
            path = "/v2/reporting/payment/scroll-transactions"
            query = f"?transactionDate={day}&documentScrollVoSortingOrder=ASC{last}"
            rows = ask(sandbox, "GET", path, query=query)["transactions"]
            if not rows:
                break
            seen += [str(row["transactionId"]) for row in rows]
        assert set(seen) <= {row["transaction_id"] for row in paged}
        assert len(seen) > sandbox.world.pace.page_size or len(seen) == len(set(seen))

    def test_a_payment_is_found_by_its_own_reference_too(self, sandbox: Sandbox) -> None:
        row = read(spec(sandbox, SHOP), "transactions", days(2))["transactions"][0]
        query = f"?paymentId=None&paymentConversationId={row['conversation_id']}"
        (payment,) = ask(sandbox, "GET", "/v2/reporting/payment/details", query=query)["payments"]
        assert str(payment["paymentId"]) == row["payment_id"]

    def test_the_test_of_reach_needs_no_signature(self, sandbox: Sandbox) -> None:
        assert httpx.get(f"{sandbox.url}/payment/test", trust_env=False).json()["status"] == "success"

    def test_a_client_may_come_through_it_as_a_proxy(self, sandbox: Sandbox) -> None:
        path, query = TRANSACTIONS, "?transactionDate=2026-11-17&page=1"
        keys = {name: Secret(value) for name, value in sandbox.credentials(SHOP).items()}
        token = authorization(keys["api_key"], keys["secret_key"], random_key="abc", path=path, body=b"")
        with httpx.Client(proxy=sandbox.url, trust_env=False) as client:
            answer = client.get(f"http://sandbox-api.iyzipay.com{path}{query}", headers={"authorization": token})
        assert answer.json()["status"] == "success"

    def test_a_payment_nobody_knows_is_an_empty_list(self, sandbox: Sandbox) -> None:
        answer = ask(sandbox, "GET", "/v2/reporting/payment/details", query="?paymentId=1")
        assert (answer["status"], answer["payments"]) == ("success", [])

    def test_the_classic_detail_is_signed_by_the_stand_in(self, sandbox: Sandbox) -> None:
        row = read(spec(sandbox, SHOP), "payment_details", days(1))["payment_details"][0]
        body = json.dumps({"paymentId": row["payment_id"], "conversationId": "c-9"}).encode()
        answer = ask(sandbox, "POST", "/payment/detail", body=body)
        secret = Secret(sandbox.credentials(SHOP)["secret_key"])
        values = (row["payment_id"], "TRY", row["basket_id"], "c-9", row["paid_price"], row["price"])
        assert answer["paymentStatus"] == "SUCCESS"
        assert answer["signature"] == response_signature(secret, values)

    def test_a_subscription_nobody_knows_is_answered_in_the_other_shape(self, sandbox: Sandbox) -> None:
        answer = ask(sandbox, "GET", "/v2/subscription/subscriptions/none")
        assert answer["status"] == 404
        assert answer["error"] == "Not Found"

    def test_subscriptions_can_be_filtered(self, sandbox: Sandbox) -> None:
        query = "?page=1&count=100&subscriptionStatus=CANCELED"
        items = ask(sandbox, "GET", "/v2/subscription/subscriptions", query=query)["data"]["items"]
        assert items
        assert {item["subscriptionStatus"] for item in items} == {"CANCELED"}

    def test_some_references_hold_personal_data_as_shops_type_it(self, sandbox: Sandbox) -> None:
        rows = read(spec(sandbox, SHOP), "transactions", days(40))["transactions"]
        company = sandbox.world.company(SHOP)
        people = [company.customer(index) for index in range(company.CUSTOMERS)]
        typed = " ".join(f"{row['conversation_id']} {row['basket_id']}" for row in rows)
        assert any(person.tckn in typed for person in people)
        assert any(person.plain_phone in typed for person in people)
        assert any(person.name in typed for person in people)


class TestWorld:
    def test_two_sandboxes_with_one_seed_tell_the_same(self, sandbox: Sandbox) -> None:
        with Sandbox(seed=sandbox.world.seed, start=START, pace=sandbox.world.pace) as twin:
            assert read(spec(twin, SHOP), "payment_details") == read(spec(sandbox, SHOP), "payment_details")

    def test_another_seed_tells_something_else(self, sandbox: Sandbox) -> None:
        with Sandbox(seed=sandbox.world.seed + 1, start=START) as other:
            assert read(spec(other, SHOP), "transactions") != read(spec(sandbox, SHOP), "transactions")

    def test_a_steady_pace_is_exact(self) -> None:
        pace = Pace(rows_per_day=20, history_days=2, steady=True)
        with Sandbox(start=START.replace(hour=20, minute=59), pace=pace) as steady:
            rows = keyed(
                "transactions",
                read(spec(steady, SHOP), "transactions", days(2, START.replace(hour=20)))["transactions"],
            )
        assert len(rows) == 60
        assert {kind for kind, _ in rows} == {"PAYMENT"}

    def test_time_does_not_run_backwards(self, moving_sandbox: Sandbox) -> None:
        with pytest.raises(ValueError, match="backwards"):
            moving_sandbox.advance(days=-1)

    def test_faults_are_counted_down_and_cleared(self) -> None:
        faults = Faults()
        faults.add(Fault("slow", company="a", times=2))
        faults.add(Fault("bomb", path="/x"))

        def taken(company: str, path: str = "/") -> str | None:
            fault = faults.take(provider="iyzico", company=company, path=path)
            return None if fault is None else fault.kind

        assert [taken("b"), taken("a"), taken("a"), taken("a")] == [None, "slow", "slow", None]
        assert taken("a", "/x/y") == "bomb"
        faults.clear()
        assert taken("a", "/x") is None


class TestControl:
    def test_time_faults_and_counts_are_driven_over_http(self, moving_sandbox: Sandbox) -> None:
        base = f"{moving_sandbox.url}{PREFIX}"
        with httpx.Client(trust_env=False) as client:
            assert (
                client.post(f"{base}/advance", json={"days": 1, "hours": 2}).json()["now"]
                == "2026-11-19T11:00:00+00:00"
            )
            assert client.post(f"{base}/faults", json={"kind": "server_error", "company": SHOP}).status_code == 201
            assert ask(moving_sandbox, "GET", TRANSACTIONS)["errorCode"] == "1"
            assert client.delete(f"{base}/faults").status_code == 200
            assert ask(moving_sandbox, "GET", TRANSACTIONS)["errorCode"] == "11"
            assert client.get(f"{base}/state").json()["requests"] == [["iyzico", SHOP, TRANSACTIONS, 2]]

    @pytest.mark.parametrize(
        ("path", "document"),
        [
            ("/advance", {"days": -1}),
            ("/advance", {"fortnights": 1}),
            ("/advance", []),
            ("/faults", {"kind": "flood"}),
            ("/faults", {"kind": "slow", "colour": "red"}),
        ],
    )
    def test_a_wrong_order_is_refused(self, sandbox: Sandbox, path: str, document: object) -> None:
        answer = httpx.post(f"{sandbox.url}{PREFIX}{path}", json=document, trust_env=False)
        assert answer.status_code == 422

    def test_credentials_are_handed_out_for_any_company(self, sandbox: Sandbox) -> None:
        answer = httpx.get(f"{sandbox.url}{PREFIX}/credentials/iyzico/{SHOP}", trust_env=False)
        assert answer.json() == sandbox.credentials(SHOP)
        assert httpx.get(f"{sandbox.url}{PREFIX}/credentials/nobody/{SHOP}", trust_env=False).status_code == 404

    def test_report_files_are_handed_out_when_their_day_is_over(self, sandbox: Sandbox) -> None:
        from connectors.sandbox.iyzico.settlement import merchant_number

        base = f"{sandbox.url}{PREFIX}/files/iyzico/{SHOP}/transaction-{merchant_number(sandbox.world, SHOP)}"
        assert httpx.get(f"{base}-20261117.csv", trust_env=False).text.startswith("transactionDate,")
        assert httpx.get(f"{base}-20261118.csv", trust_env=False).status_code == 404

    def test_unknown_paths_are_not_found(self, sandbox: Sandbox) -> None:
        assert httpx.get(f"{sandbox.url}/nowhere", trust_env=False).status_code == 404


class TestProcess:
    def test_the_sandbox_runs_as_a_process_of_its_own_and_ends_with_its_parent(self) -> None:
        with SandboxProcess(seed=7, arguments=["--rows-per-day", "3", "--history-days", "3"]) as process:
            connection = spec_at(process.url, process.credentials(SHOP))
            from datetime import UTC, datetime

            now = datetime.now(UTC)
            before = read(connection, "subscriptions")["subscriptions"]
            process.advance(days=4)
            assert len(read(connection, "subscriptions")["subscriptions"]) > len(before)
            process.add_fault(Fault("server_error", company=SHOP, times=1))
            process.clear_faults()
            assert "transactions" in read(connection, "transactions", days(3, now))
            child = process.popen
        assert child.returncode is not None

    def test_the_sandbox_ends_when_its_leash_is_cut(self) -> None:
        with SandboxProcess() as process:
            assert process.popen.stdin is not None
            process.popen.stdin.close()
            assert process.popen.wait(timeout=30) is not None


def test_the_people_whom_every_stand_in_knows_can_be_asked_for(sandbox: Sandbox) -> None:
    with httpx.Client(trust_env=False) as client:
        customers = client.get(f"{sandbox.url}{PREFIX}/people/{SHOP}").json()["customers"]
    known = sandbox.world.company(SHOP)
    assert len(customers) == known.CUSTOMERS
    assert (customers[0]["phone"], customers[0]["tckn"]) == (known.customer(0).phone, known.customer(0).tckn)
