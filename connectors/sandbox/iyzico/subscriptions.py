"""Subscriptions and the customers who hold them: the shop's regulars, monthly."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.iyzico.envelope import dump, success
from connectors.sandbox.iyzico.ledger import charge_conversation, charge_payment_id, order_reference
from connectors.sandbox.iyzico.reporting import whole_number
from connectors.sandbox.iyzico.subscribers import PERIOD, reference

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.iyzico.desk import Call, Desk
    from connectors.sandbox.iyzico.subscribers import Charge, Subscriber
    from connectors.sandbox.world import World

_DEFAULT_PAGE = 10
_LARGEST_PAGE = 100


def subscriptions(desk: Desk, call: Call) -> Response:
    """GET /v2/subscription/subscriptions, with its filters by state, customer and plan."""
    filters = {
        "subscriptionStatus": "subscriptionStatus",
        "customerReferenceCode": "customerReferenceCode",
        "pricingPlanReferenceCode": "pricingPlanReferenceCode",
        "parent": "parentReferenceCode",
    }
    wanted = {field: call.query[name] for name, field in filters.items() if call.query.get(name)}
    items = [
        item
        for item in _subscriptions(desk, call.company_id)
        if all(item.get(field) == value for field, value in wanted.items())
    ]
    return success(desk.world, {"data": _page(items, call)})


def subscription(desk: Desk, call: Call) -> Response:
    """GET /v2/subscription/subscriptions/{ref}: the same envelope around one."""
    reference = call.path_params["reference"]
    items = [item for item in _subscriptions(desk, call.company_id) if item["referenceCode"] == reference]
    if not items:
        return _not_found(desk.world, f"/v2/subscription/subscriptions/{reference}")
    return success(desk.world, {"data": _page(items, call)})


def customers(desk: Desk, call: Call) -> Response:
    """GET /v2/subscription/customers."""
    return success(desk.world, {"data": _page(_customers(desk, call.company_id), call)})


def customer(desk: Desk, call: Call) -> Response:
    """GET /v2/subscription/customers/{ref}."""
    reference = call.path_params["reference"]
    found = next((c for c in _customers(desk, call.company_id) if c["referenceCode"] == reference), None)
    if found is None:
        return _not_found(desk.world, f"/v2/subscription/customers/{reference}")
    return success(desk.world, {"data": found})


def _page(items: list[dict[str, Any]], call: Call) -> dict[str, Any]:
    page = whole_number(call.query.get("page")) or 1
    count = min(whole_number(call.query.get("count")) or _DEFAULT_PAGE, _LARGEST_PAGE)
    return {
        "totalCount": len(items),
        "currentPage": page,
        "pageCount": -(-len(items) // count),
        "items": items[(page - 1) * count : page * count],
    }


def _not_found(world: World, path: str) -> Response:
    """The one answer of iyzico in another shape: its `status` is a number."""
    body = {"timestamp": _millis(world.clock.now()), "status": 404, "error": "Not Found", "path": path}
    return Response(dump(body), status_code=404, media_type="application/json")


def _customers(desk: Desk, company_id: str) -> list[dict[str, Any]]:
    now = desk.world.clock.now()
    return [
        _customer(subscriber, desk.world.company(company_id).customer(subscriber.index))
        for subscriber in desk.subscribers(company_id)
        if subscriber.joined <= now
    ]


def _customer(subscriber: Subscriber, person: Person) -> dict[str, Any]:
    return {
        "referenceCode": subscriber.customer_reference,
        "createdDate": _millis(subscriber.joined),
        "status": "ACTIVE",
        "name": person.given_name,
        "surname": person.surname,
        "identityNumber": person.tckn,
        "email": _written_email(person, subscriber.index),
        "gsmNumber": _written_phone(person, subscriber.index),
        "contactEmail": person.email,
        "contactGsmNumber": person.phone,
        "billingAddress": _address(person),
        "shippingAddress": _address(person) if subscriber.index % 3 else None,
    }


def _subscriptions(desk: Desk, company_id: str) -> list[dict[str, Any]]:
    now = desk.world.clock.now()
    return [
        _subscription(desk.world, company_id, subscriber, now)
        for subscriber in desk.subscribers(company_id)
        if subscriber.joined <= now
    ]


def _subscription(world: World, company_id: str, subscriber: Subscriber, now: datetime) -> dict[str, Any]:
    person = world.company(company_id).customer(subscriber.index)
    ended = subscriber.ended(now)
    return {
        "referenceCode": subscriber.reference,
        "parentReferenceCode": subscriber.reference,
        "pricingPlanName": subscriber.plan,
        "pricingPlanReferenceCode": reference(world, company_id, "plan", subscriber.plan),
        "productName": subscriber.product,
        "productReferenceCode": reference(world, company_id, "product", subscriber.product),
        "customerEmail": _written_email(person, subscriber.index),
        "customerGsmNumber": _written_phone(person, subscriber.index),
        "customerReferenceCode": subscriber.customer_reference,
        "subscriptionStatus": "CANCELED" if ended else "ACTIVE",
        "trialDays": 0,
        "trialStartDate": None,
        "trialEndDate": None,
        "createdDate": _millis(subscriber.joined),
        "startDate": _millis(subscriber.joined),
        "endDate": _millis(subscriber.ends) if ended and subscriber.ends else None,
        "orders": [_order(subscriber, charge, now) for charge in subscriber.charges(now)],
    }


def _order(subscriber: Subscriber, charge: Charge, now: datetime) -> dict[str, Any]:
    return {
        "referenceCode": order_reference(subscriber, charge),
        "price": subscriber.price / 100,
        "currencyCode": "TRY",
        "startPeriod": _millis(charge.start),
        "endPeriod": _millis(charge.start + PERIOD),
        "orderStatus": "SUCCESS" if charge.paid_at <= now else "WAITING",
        "paymentAttempts": _attempts(subscriber, charge, now),
    }


def _attempts(subscriber: Subscriber, charge: Charge, now: datetime) -> list[dict[str, Any]]:
    number = charge_payment_id(subscriber, charge)
    attempts: list[dict[str, Any]] = []
    if charge.refused_first:
        attempts.append(
            {
                "conversationId": f"{charge_conversation(number)}-1",
                "createdDate": _millis(charge.start),
                "paymentStatus": "FAILED",
                "errorCode": "10051",
                "errorMessage": "Kart limiti yetersiz, yetersiz bakiye",
            }
        )
    if charge.paid_at <= now:
        attempts.append(
            {
                "conversationId": charge_conversation(number),
                "createdDate": _millis(charge.paid_at),
                "paymentStatus": "SUCCESS",
                "paymentId": number,
            }
        )
    return attempts


def _written_phone(person: Person, index: int) -> str:
    return (person.phone, person.plain_phone, person.spaced_phone)[index % 3]


def _written_email(person: Person, index: int) -> str:
    return person.email.upper() if index % 7 == 0 else person.email


def _address(person: Person) -> dict[str, Any]:
    address = person.address
    return {
        "address": f"{address.line} {address.district}/{address.city}",
        "zipCode": address.postcode,
        "contactName": person.name,
        "city": address.city,
        "district": address.district,
        "country": "Türkiye",
    }


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
