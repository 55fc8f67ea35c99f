"""Reads subscriptions and their customers as they stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from connectors.contract import Page, Row
from connectors.failure import ProviderFailure
from connectors.iyzico.readers.paging import listed
from connectors.iyzico.settings import SUBSCRIPTION_PAGE_SIZE
from connectors.iyzico.streams.subscriptions import ATTEMPT, CUSTOMER, NESTED_ADDRESSES, ORDER, SUBSCRIPTION
from connectors.nested import flatten, record_in, take_records

if TYPE_CHECKING:
    from connectors.iyzico.client import IyzicoClient

SUBSCRIPTIONS_PATH = "/v2/subscription/subscriptions"
CUSTOMERS_PATH = "/v2/subscription/customers"


async def subscription_pages(client: IyzicoClient) -> AsyncIterator[Page]:
    """Subscriptions, with their orders and payment attempts as children."""
    async for records in _item_pages(client, SUBSCRIPTIONS_PATH):
        rows: list[Row] = []
        orders: list[Row] = []
        attempts: list[Row] = []
        for each in records:
            subscription = record_in(each)
            periods = take_records(subscription, "orders")
            row = SUBSCRIPTION.row(subscription)
            rows.append(row)
            for period in periods:
                _take_order(record_in(period), row["reference_code"], orders, attempts)
        yield Page(rows, {"subscription_orders": orders, "subscription_attempts": attempts})


async def customer_pages(client: IyzicoClient) -> AsyncIterator[Page]:
    """Customers with both addresses beside their other fields."""
    async for records in _item_pages(client, CUSTOMERS_PATH):
        rows: list[Row] = []
        for each in records:
            customer = record_in(each)
            for address in NESTED_ADDRESSES:
                flatten(customer, address)
            rows.append(CUSTOMER.row(customer))
        yield Page(rows)


def _take_order(order: dict[str, Any], subscription: str, orders: list[Row], attempts: list[Row]) -> None:
    tries = take_records(order, "paymentAttempts")
    row = ORDER.row(order, {"subscription_reference_code": subscription})
    orders.append(row)
    for each in tries:
        attempt = record_in(each)
        created = attempt.get("createdDate")
        ours = {
            "subscription_reference_code": subscription,
            "order_reference_code": row["reference_code"],
            "attempt_id": None if created is None else str(created),
        }
        attempts.append(ATTEMPT.row(attempt, ours))


async def _item_pages(client: IyzicoClient, path: str) -> AsyncIterator[list[Any]]:
    async def ask(page: int) -> dict[str, Any]:
        data = (await client.get(path, {"page": page, "count": SUBSCRIPTION_PAGE_SIZE})).get("data")
        if not isinstance(data, dict):
            raise ProviderFailure("transient", "wrong_type", field="data")
        return data  # pyright: ignore[reportUnknownVariableType]

    async for records in listed(ask, "items", last="pageCount"):
        yield records
