"""Payment links: made, listed, taken out of use, deleted."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from connectors.sandbox.chance import rng
from connectors.sandbox.iyzico.acts import Link
from connectors.sandbox.iyzico.envelope import failure, success
from connectors.sandbox.iyzico.givingback import acted
from connectors.sandbox.iyzico.reporting import whole_number

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.iyzico.desk import Call, Desk

_REQUIRED = ("name", "description", "price", "currencyCode", "encodedImageFile")
_LARGEST_PAGE = 100
_FAST_MOST = Decimal(750)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"


def create(desk: Desk, call: Call) -> Response:
    """POST /v2/iyzilink/products."""
    if any(not call.body.get(name) for name in _REQUIRED) or _price(call) is None:
        return _wrong(desk, call)
    return _made(desk, call, "IYZILINK", str(call.body["name"]))


def create_fast(desk: Desk, call: Call) -> Response:
    """POST /v2/iyzilink/fast-link/products: needs an ordinary link first, and is for small sums in lira."""
    price = _price(call)
    has_one = any(link.kind == "IYZILINK" for link in desk.acts.links[call.company_id])
    if price is None or price > _FAST_MOST or call.body.get("currencyCode") != "TRY" or not has_one:
        return _wrong(desk, call)
    return _made(desk, call, "FASTLINK", "Hızlı Link")


def listed(desk: Desk, call: Call) -> Response:
    """GET /v2/iyzilink/products, newest first."""
    page = whole_number(call.query.get("page", "1")) or 0
    count = whole_number(call.query.get("count", "10")) or 0
    if page < 1 or not 1 <= count <= _LARGEST_PAGE:
        return _wrong(desk, call)
    links = desk.acts.links[call.company_id][::-1]
    content = {
        "listingReviewed": True,
        "totalCount": len(links),
        "currentPage": page,
        "pageCount": -(-len(links) // count),
        "items": [_shown(desk, link) for link in links[(page - 1) * count : page * count]],
    }
    return success(desk.world, {"data": content}, conversation_id=call.query.get("conversationId"))


def one(desk: Desk, call: Call) -> Response:
    """GET /v2/iyzilink/products/{token}."""
    link = _named(desk, call)
    return _wrong(desk, call) if link is None else success(desk.world, {"data": _shown(desk, link)})


def set_status(desk: Desk, call: Call) -> Response:
    """PATCH /v2/iyzilink/products/{token}/status/{status}; the same again changes nothing."""
    link, status = _named(desk, call), call.path_params["status"]
    if link is None or status not in ("ACTIVE", "PASSIVE"):
        return _wrong(desk, call)

    def work() -> dict[str, Any]:
        if status == "PASSIVE":
            desk.acts.disable_link(desk.world, call.company_id, link)
        else:
            link.status = status
        return {}

    return acted(desk, call, work)


def delete(desk: Desk, call: Call) -> Response:
    """DELETE /v2/iyzilink/products/{token}."""
    link = _named(desk, call)
    if link is None:
        return _wrong(desk, call)
    desk.acts.links[call.company_id].remove(link)
    return success(desk.world, {}, conversation_id=call.query.get("conversationId"))


def _made(desk: Desk, call: Call, kind: str, name: str) -> Response:
    def work() -> dict[str, Any]:
        number = len(desk.acts.links[call.company_id])
        chance = rng(desk.world.seed, call.company_id, "link", number, desk.world.clock.now())
        token = "".join(chance.choice(_LETTERS) for _ in range(6))
        link = Link(
            token=token,
            name=name,
            description=str(call.body.get("description") or ""),
            price=str(call.body["price"]),
            currency=str(call.body["currencyCode"]),
            conversation_id=call.body.get("conversationId"),
            kind=kind,
            made_at=desk.world.clock.now(),
        )
        desk.acts.make_link(desk.world, call.company_id, link)
        return {"data": _places(token)}

    return acted(desk, call, work)


def _places(token: str) -> dict[str, str]:
    return {
        "token": token,
        "url": f"https://sandbox.iyzi.link/{token}",
        "imageUrl": f"https://sandbox-img.iyzi.link/{token[:2]}/{token[2:]}.jpg",
    }


def _shown(desk: Desk, link: Link) -> dict[str, Any]:
    return {
        **_places(link.token),
        "name": link.name,
        "conversationId": None if desk.acts.links_lack_references else link.conversation_id,
        "description": link.description,
        "price": float(link.price),
        "currencyCode": link.currency,
        "productType": link.kind,
        "productStatus": link.status,
        "soldCount": 0,
    }


def _named(desk: Desk, call: Call) -> Link | None:
    token = call.path_params["token"]
    return next((link for link in desk.acts.links[call.company_id] if link.token == token), None)


def _price(call: Call) -> Decimal | None:
    try:
        price = Decimal(str(call.body.get("price")))
    except InvalidOperation:
        return None
    return price if price.is_finite() and price > 0 else None


def _wrong(desk: Desk, call: Call) -> Response:
    return failure(desk.world, "11", status=422, conversation_id=call.body.get("conversationId"))
