"""The inventory of processing (VERBİS), from the policies in force and the tenant's choices, as file or as data."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header, Query, Response
from pydantic import Field

from hub.api.asked import Call
from hub.api.forms import PAGE_POLICY, attachment, chosen
from hub.api.models import Answer
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.identity.permissions import Permission
from hub.kvkk.inventory.formats import Format

if TYPE_CHECKING:
    from collections.abc import Mapping

router = make_router("inventory", "/inventory")

MEDIA_TYPES: Mapping[Format, str] = MappingProxyType(
    {
        "json": "application/json",
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "html": "text/html; charset=utf-8",
    }
)
_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


class Inventory(Answer):
    """Activities by category of data, and the measures. `state` of a row that no policy declares is `waiting`."""

    generated_at: datetime
    controller: str | None = Field(examples=["Lale Lojistik Ltd. Şti."])
    rows: list[dict[str, Any]]
    measures: list[dict[str, Any]]


@router.get(
    "",
    summary="Read the inventory",
    response_class=Response,
    responses={
        200: {
            "model": Inventory,
            "content": {
                media_type.partition(";")[0]: _FILE for form, media_type in MEDIA_TYPES.items() if form != "json"
            },
        }
    },
)
@needs(Permission.INVENTORY_READ)
def read_inventory(
    call: Call,
    format_: Annotated[Format | None, Query(alias="format", description="Stands above `Accept`.")] = None,
    accept: Annotated[str | None, Header(max_length=1_000, include_in_schema=False)] = None,
    everything: Annotated[bool, Query(alias="all", description="Columns that say nothing of a person too.")] = False,
) -> Response:
    """In the language of the call. JSON, CSV, XLSX or HTML."""
    from connectors.registry import PROVIDERS
    from hub.kvkk.inventory import formats
    from hub.kvkk.inventory import read as inventories

    found = inventories.read_inventory(call.database, PROVIDERS, call.services.policies, tenant_id=call.tenant)
    form = chosen(format_, accept, MEDIA_TYPES)
    headers = {"Vary": "Accept-Language, Accept"}
    if form in ("csv", "xlsx"):
        headers |= attachment(f"inventory-{found.generated_at:%Y-%m-%d}.{form}")
    if form == "html":
        headers["Content-Security-Policy"] = PAGE_POLICY
    content = formats.WRITERS[form](found, everything=everything)
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)
