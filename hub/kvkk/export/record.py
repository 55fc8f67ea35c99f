"""The row of `hub.exports` that follows a package from its making to its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from hub.errors import HubError

if TYPE_CHECKING:
    from hub.db.database import Connection, Database


@dataclass(frozen=True)
class Export:
    """One package as recorded. `rows_total` is known once everything has been found."""

    export_id: UUID
    request_id: UUID | None
    state: str
    file_name: str | None
    sha256: str | None
    bytes: int | None
    rows_done: int
    rows_total: int | None
    link_expires_at: datetime | None
    downloaded_at: datetime | None
    failure_code: str | None
    created_at: datetime


_COLUMNS = (
    "export_id, request_id, state, file_name, sha256, bytes, rows_done, rows_total, link_expires_at, downloaded_at,"
    " failure_code, created_at"
)


def begin(connection: Connection, tenant_id: str, request_id: UUID | None) -> UUID:
    """A new package under way."""
    export_id = uuid4()
    connection.execute(
        "INSERT INTO hub.exports (tenant_id, export_id, request_id) VALUES (%s, %s, %s)",
        (tenant_id, export_id, request_id),
    )
    return export_id


def concern(database: Database, tenant_id: str, export_id: UUID, subjects: Iterable[str]) -> None:
    """Note whose data the package will hold, before it holds any: an erasure must find it."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.exports SET subjects = %s::uuid[] WHERE tenant_id = %s AND export_id = %s",
            (sorted(subjects), tenant_id, export_id),
        )


def progress(database: Database, tenant_id: str, export_id: UUID, done: int, total: int) -> None:
    """Say how far it is."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.exports SET rows_done = %s, rows_total = %s WHERE tenant_id = %s AND export_id = %s",
            (done, total, tenant_id, export_id),
        )


def fail(connection: Connection, tenant_id: str, export_id: UUID, code: str) -> None:
    """Record why there is no package."""
    connection.execute(
        "UPDATE hub.exports SET state = 'failed', failure_code = %s WHERE tenant_id = %s AND export_id = %s",
        (code, tenant_id, export_id),
    )


def read(connection: Connection, tenant_id: str, export_id: UUID) -> Export:
    """One package. HubError `export_unknown`."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.exports WHERE tenant_id = %s AND export_id = %s",  # noqa: S608 - our own names
        (tenant_id, export_id),
    ).fetchone()
    if row is None:
        raise HubError("export_unknown", export=str(export_id))
    return Export(*row)


def listed(database: Database, tenant_id: str) -> list[Export]:
    """A tenant's packages, newest first."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.exports WHERE tenant_id = %s ORDER BY created_at DESC, export_id",  # noqa: S608
            (tenant_id,),
        ).fetchall()
    return [Export(*row) for row in rows]


def of_request(database: Database, tenant_id: str, request_id: UUID) -> list[Export]:
    """A request's packages, newest first."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.exports WHERE tenant_id = %s AND request_id = %s"  # noqa: S608 - our own names
            " ORDER BY created_at DESC, export_id",
            (tenant_id, request_id),
        ).fetchall()
    return [Export(*row) for row in rows]


def can_be_had(connection: Connection, tenant_id: str, request_id: UUID) -> bool:
    """Whether any package of a request is still there: none expired, or was destroyed with the person's data."""
    found = connection.execute(
        "SELECT 1 FROM hub.exports WHERE tenant_id = %s AND request_id = %s"
        " AND state IN ('ready', 'downloaded') AND file_name IS NOT NULL LIMIT 1",
        (tenant_id, request_id),
    ).fetchone()
    return found is not None


def ready(database: Database, tenant_id: str, request_id: UUID) -> Export:
    """The newest package of a request that can be had. HubError `request_unknown`, `request_without_package`."""
    from hub.kvkk.requests import record as requests

    with database.tenant(tenant_id, "app") as connection:
        requests.read(connection, tenant_id, request_id)
    for each in of_request(database, tenant_id, request_id):
        if each.state in ("ready", "downloaded") and each.file_name is not None:
            return each
    raise HubError("request_without_package")
