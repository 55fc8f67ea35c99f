"""Who asks for their data and for its erasure gets both: the answer comes first, and never without its package."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from connectors.secret import Secret
from hub.errors import HubError
from hub.kvkk.requests import answering, handling
from hub.kvkk.requests.record import Request
from tests.hub.kvkk.requests.conftest import LATER, OTHER_TCKN, TCKN, DeskOf


def execute(desk: DeskOf, statement: str, *parameters: Any) -> None:
    with desk.database.tenant(desk.tenant_id, "app") as connection:
        connection.execute(statement, parameters)  # type: ignore[arg-type]


def identified(desk: DeskOf, type_: str, tckn: str = TCKN) -> Request:
    desk.knows(("tckn", tckn))
    return desk.identify(desk.open(type_, {"tckn": tckn}))


def with_package(desk: DeskOf, request: Request) -> UUID:
    """The request as its run leaves it, and its package."""
    export_id = uuid4()
    execute(
        desk,
        "UPDATE hub.requests SET state = 'in_progress', work_state = 'done', work_code = 'export_ready'"
        " WHERE tenant_id = %s AND request_id = %s",
        desk.tenant_id,
        request.request_id,
    )
    execute(
        desk,
        "INSERT INTO hub.exports (tenant_id, export_id, request_id, state, file_name)"
        " VALUES (%s, %s, %s, 'ready', 'a.zip')",
        desk.tenant_id,
        export_id,
        request.request_id,
    )
    return export_id


def start(desk: DeskOf, request: Request) -> Request:
    return handling.start(desk.database, desk.keyring, desk.tenant_id, request.request_id, actor=desk.actor, now=LATER)


def answer(desk: DeskOf, request: Request) -> Request:
    text = Secret("Ekte.")
    return answering.answer(
        desk.database, desk.keyring, desk.tenant_id, request.request_id, text, actor=desk.actor, now=LATER
    )


def test_an_erasure_waits_for_the_answers_that_it_would_empty(desk: DeskOf) -> None:
    with_package(desk, access := identified(desk, "access"))
    with_package(desk, identified(desk, "access", OTHER_TCKN))
    erasure = identified(desk, "erase")

    with pytest.raises(HubError, match="request_before_erasure") as refused:
        start(desk, erasure)
    assert refused.value.params == {"request": str(access.request_id)}

    answer(desk, access)
    assert start(desk, erasure).state == "in_progress"


def test_nothing_is_answered_without_the_package_that_was_made_for_it(desk: DeskOf) -> None:
    export_id = with_package(desk, access := identified(desk, "access"))
    with pytest.raises(HubError, match="request_work_running"):
        start(desk, access)
    execute(desk, "UPDATE hub.exports SET state = 'expired', file_name = NULL WHERE export_id = %s", export_id)

    with pytest.raises(HubError, match="request_package_gone"):
        answer(desk, access)
    again = start(desk, access)
    assert (again.work_state, again.work_code) == ("pending", None)
