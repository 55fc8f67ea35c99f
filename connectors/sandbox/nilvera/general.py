"""`/general`: the company itself, and GİB's list of users."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.gib import taxpayers
from connectors.sandbox.gib.user_list import user_list as packed_list
from connectors.sandbox.nilvera.envelope import failure, success

if TYPE_CHECKING:
    from connectors.sandbox.nilvera.desk import Call, Desk


def company(desk: Desk, call: Call) -> Response:
    """`GET /general/Company`."""
    own = desk.world.company(call.company)
    return success(
        {
            "Name": own.name,
            "TaxNumber": own.vkn,
            "City": own.address.city,
            "District": own.address.district,
            "IsActive": True,
            "IsDeleted": False,
            "Aliases": [],
        }
    )


def check(desk: Desk, call: Call) -> Response:
    """`GET /general/GlobalCompany/Check/TaxNumber/{number}`: mailboxes, dead ones too; an empty list for nobody."""
    found = taxpayers.user(desk.world.seed, call.path["number"])
    if found is None:
        return success([])
    return success(
        [
            {
                "TaxNumber": found.number,
                "Title": found.title,
                "FirstCreatedTime": box.since.isoformat(),
                "CreationTime": box.since.isoformat(),
                "DocumentType": "Invoice",
                "Name": box.name,
                "Type": "Özel",
            }
            for box in found.mailboxes
        ]
    )


def customer(desk: Desk, call: Call) -> Response:
    """`GET /general/GlobalCompany/GetGlobalCustomerInfo/{number}`."""
    found = taxpayers.user(desk.world.seed, call.path["number"])
    if found is None:
        return failure(404, [3003])
    aliases: list[dict[str, Any]] = [
        {
            "Name": box.name,
            "CreationTime": box.since.isoformat(),
            "DeletionTime": None if box.until is None else box.until.isoformat(),
        }
        for box in found.mailboxes
    ]
    first = found.mailboxes[0].since.isoformat()
    return success(
        {
            "TaxNumber": found.number,
            "Title": found.title,
            "Type": "Özel",
            "FirstCreationTime": first,
            "Aliases": aliases,
        }
    )


def user_list(desk: Desk, call: Call) -> Response:
    """`GET /general/GlobalCompany/PK/Invoice`: GİB's XML in a zip, in base64."""
    del call
    return Response(base64.b64encode(packed_list(desk.world.seed)), media_type="text/plain")
