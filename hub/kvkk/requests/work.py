"""What the hub itself does for a request: which part does it, and what is written when it is done or has failed.

The parts are named by dotted path and imported when they are needed: a part that is not there, or that fails, leaves
its code in the request, where a person sees it and starts the work again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, cast

from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.kvkk.requests import record
from hub.kvkk.requests.transitions import MACHINE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.keys.vault import Vault
    from hub.kvkk.requests.record import Request
    from hub.kvkk.requests.vocabulary import RequestType
    from hub.settings import Settings
    from kvkk_policies.policy import ProviderPolicy

HANDLERS: dict[RequestType, str] = {
    "access": "hub.kvkk.export.handle:handle",
    "info": "hub.kvkk.export.handle:handle",
    "third_parties": "hub.kvkk.export.handle:handle",
    "erase": "hub.kvkk.erasure.handle:handle",
}
"""Types with work that the hub does by itself; a person does the others and says so in the answer."""

WORKER = Actor("subject_requests", MACHINE)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class HubContext:
    """What a part is given to work with."""

    settings: Settings
    database: Database
    keyring: Keyring
    vault: Vault
    policies: Mapping[str, ProviderPolicy]


class Handler(Protocol):
    """A part's entry: does the work once more from the start or where it was left; returns a code for the request."""

    def __call__(self, hub_context: HubContext, tenant_id: str, request_id: UUID, /) -> str:
        """HubError where a person must mend something; its code is kept in the request."""
        ...


def perform(
    context: HubContext, tenant_id: str, request_id: UUID, *, run_id: str, now: datetime | None = None
) -> Literal["done", "failed"] | None:
    """Do a request's pending work; None when there is none (somebody else has it, or it was called off)."""
    database = context.database
    with database.tenant(tenant_id, "app") as connection:
        request = record.read(connection, tenant_id, request_id, locked=True)
        if request.state != "in_progress" or request.work_state != "pending":
            return None
        moment = record.clock(connection, now)
        record.move(
            connection,
            tenant_id,
            request,
            "work_begun",
            actor=WORKER,
            now=moment,
            details={"run": run_id},
            work_state="running",
            work_run_id=run_id,
        )
    try:
        code = handler_of(request.type)(context, tenant_id, request_id)
    except HubError as error:
        return _settle(database, tenant_id, request_id, "failed", error.code, now=now)
    except Exception as error:
        # Whatever a part does wrong, the request must say so. The text of a foreign error may hold
        # a person's data: its class is all that is told.
        _log.error("request %s of %s failed: %s", request_id, tenant_id, type(error).__name__)
        return _settle(database, tenant_id, request_id, "failed", "work_failed", now=now)
    return _settle(database, tenant_id, request_id, "done", code, now=now)


def give_up(database: Database, tenant_id: str, request_id: UUID, *, now: datetime | None = None) -> bool:
    """Note that the run which had a request's work is gone; False if the work has ended after all."""
    with database.tenant(tenant_id, "app") as connection:
        if record.read(connection, tenant_id, request_id).work_state != "running":
            return False
    _settle(database, tenant_id, request_id, "failed", "work_run_lost", now=now)
    return True


def handler_of(type_: RequestType) -> Handler:
    """The part that does this type's work. HubError `work_handler_missing`."""
    path = HANDLERS.get(type_)
    if path is None:
        raise HubError("work_handler_missing", type=type_)
    module, _, name = path.partition(":")
    try:
        return cast("Handler", getattr(import_module(module), name))
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the part is there and misses something itself
        raise HubError("work_handler_missing", type=type_) from None


def _settle(
    database: Database,
    tenant_id: str,
    request_id: UUID,
    end: Literal["done", "failed"],
    code: str,
    *,
    now: datetime | None,
) -> Literal["done", "failed"]:
    with database.tenant(tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        request: Request = record.read(connection, tenant_id, request_id, locked=True)
        if request.work_state == "running":
            record.move(
                connection,
                tenant_id,
                request,
                "work_done" if end == "done" else "work_failed",
                actor=WORKER,
                now=moment,
                details={"code": code},
                work_state=end,
                work_code=code,
            )
    return end
