"""Details that do not come."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from connectors.contract import Page
from connectors.failure import ProviderFailure
from connectors.iyzico.settings import DETAILS_UNKNOWN_AT_FIRST
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import START, days, session, spec_at


def success(**content: Any) -> bytes:
    return http(200, json.dumps({"status": "success", **content}).encode())


def listing(count: int) -> bytes:
    movement = {"transactionType": "PAYMENT", "transactionDate": "2026-11-18 10:00:00"}
    rows = [movement | {"transactionId": number, "paymentId": number} for number in range(count)]
    return success(transactions=rows, totalPageCount=1)


def pages(*scripts: bytes) -> list[Page]:
    async def run() -> list[Page]:
        async with raw_server(*scripts) as server:
            connection = spec_at(server.url, {"api_key": "a", "secret_key": "s"})
            async with session(connection) as opened:
                return [page async for page in opened.pages("payment_details", days(0, START))]

    return asyncio.run(run())


NOTHING = success(payments=[])


def test_a_payment_whose_details_lag_is_passed_over() -> None:
    known = success(payments=[{"paymentId": 1}])
    (page,) = pages(listing(DETAILS_UNKNOWN_AT_FIRST + 2), NOTHING, known, NOTHING)
    assert [row["payment_id"] for row in page.rows] == ["1"]


def test_a_few_payments_of_a_quiet_day_may_all_lag() -> None:
    assert pages(listing(DETAILS_UNKNOWN_AT_FIRST - 1), NOTHING) == []


def test_a_service_that_knows_no_payment_is_no_sync_of_nothing() -> None:
    with pytest.raises(ProviderFailure, match="transient provider_error"):
        pages(listing(DETAILS_UNKNOWN_AT_FIRST), NOTHING)
