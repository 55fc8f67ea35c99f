"""`/general`: the company itself, and GİB's list of users."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from starlette.responses import Response

from connectors.sandbox.gib import taxpayers
from connectors.sandbox.nilvera.envelope import failure, success

if TYPE_CHECKING:
    from connectors.sandbox.gib.taxpayers import User
    from connectors.sandbox.nilvera.desk import Call, Desk

_LISTED = 40


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
    users = "".join(map(_user, taxpayers.sample(desk.world.seed, _LISTED)))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.xml", f'<?xml version="1.0" encoding="UTF-8"?><UserList>{users}</UserList>')
    return Response(base64.b64encode(packed.getvalue()), media_type="text/plain")


def _user(user: User) -> str:
    aliases = "".join(
        f"<Alias><Name>{box.name}</Name><CreationTime>{box.since:%Y-%m-%dT%H:%M:%S}</CreationTime>"
        + (f"<DeletionTime>{box.until:%Y-%m-%dT%H:%M:%S}</DeletionTime>" if box.until else "")
        + "</Alias>"
        for box in user.mailboxes
    )
    return (
        f"<User><Identifier>{user.number}</Identifier><Title>{escape(user.title)}</Title><Type>OZEL</Type>"
        f"<FirstCreationTime>{user.mailboxes[0].since:%Y-%m-%dT%H:%M:%S}</FirstCreationTime>"
        '<AccountType>OZELENTEGRASYON</AccountType><Documents><Document type="Invoice">'
        f"{aliases}</Document></Documents></User>"
    )
