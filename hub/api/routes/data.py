"""A tenant's landing tables and marts, masked as they stand: what there is, and rows page by page."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Query, Request, Response
from pydantic import Field

from hub.api.asked import Call
from hub.api.headers import tells
from hub.api.models import Answer, Page, cursor_of, keys_of
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.identity.permissions import Permission
from hub.reading import datasets as catalogue
from hub.reading import formats, question

router = make_router("data", "/data")

_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


class Column(Answer):
    """A column; `type` is Postgres' name of it."""

    name: str
    type: str = Field(examples=["timestamp with time zone"])
    description: str | None


class Dataset(Answer):
    """A table of `landing` (a provider's stream, masked) or `marts` (models over all providers)."""

    name: str = Field(examples=["marts.payments"])
    description: str | None
    key: list[str]
    columns: list[Column]


@router.get("", summary="What can be read?")
@needs(Permission.DATA_READ)
def list_datasets(call: Call) -> list[Dataset]:
    """By name. Values that a policy masks are masked here too."""
    found = call.services.catalogue.all(call.tenant)
    return [_described(each) for _name, each in sorted(found.items())]


@router.get(
    "/{dataset}",
    summary="Read rows",
    responses={
        200: {
            "model": Page[dict[str, Any]],
            "content": {formats.MEDIA_TYPES["csv"]: _BINARY, formats.MEDIA_TYPES["parquet"]: _BINARY},
        }
    },
)
@needs(Permission.DATA_READ)
@tells("Link", "Vary")
def read_rows(
    call: Call,
    request: Request,
    dataset: Annotated[str, Path(max_length=130, examples=["marts.payments"])],
    column: Annotated[list[str] | None, Query(max_length=200, description="Columns; all unless given.")] = None,
    filter_: Annotated[
        list[str] | None,
        Query(
            alias="filter",
            max_length=20,
            description="`column:operator:value`, all of them must hold. Operators: eq, ne, lt, lte, gt, gte,"
            " in (values by commas), null (true or false).",
            examples=[["paid_on:gte:2026-11-01"]],
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 500,
    cursor: Annotated[str | None, Query(max_length=4_000)] = None,
    format_: Annotated[formats.Format, Query(alias="format")] = "json",
) -> Response:
    """In the order of the table's key. CSV and Parquet carry the next page's address in the header `Link`.

    A call without `Accept-Language` gets CSV of one fixed form: RFC 4180, commas, decimal points. With one it is what
    a spreadsheet in that language opens: in Turkish semicolons and decimal commas.
    """
    found = call.services.catalogue.one(call.tenant, dataset)
    page = question.read(
        call.database,
        call.tenant,
        found,
        columns=question.chosen(found, column or []),
        filters=question.parsed(found, filter_ or []),
        after=keys_of(cursor, len(found.key)) if cursor else None,
        limit=limit,
    )
    after = cursor_of(*page.last_key) if page.last_key is not None else None
    headers = {"Vary": "Accept-Language, Accept"}
    if after:
        headers["Link"] = f'<{_next(request, after)}>; rel="next"'
    media_type = formats.MEDIA_TYPES[format_]
    if format_ == "csv":
        plain = not request.scope.get("hub.language_asked")
        return Response(formats.csv_bytes(page, plain=plain), media_type=media_type, headers=headers)
    if format_ == "parquet":
        return Response(formats.parquet_bytes(page), media_type=media_type, headers=headers)
    return Response(formats.json_page(page, after), media_type=media_type, headers=headers)


def _next(request: Request, cursor: str) -> str:
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.url.path}?{urlencode([*asked, ('cursor', cursor)])}"


def _described(found: catalogue.Dataset) -> Dataset:
    return Dataset(
        name=found.full_name,
        description=found.description,
        key=list(found.key),
        columns=[Column.model_validate(column) for column in found.columns],
    )
