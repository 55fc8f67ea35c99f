"""How the keys stand: which master key is in force since when, and what is being rotated. Fingerprints and counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hub.keys.master_files import available, next_file, previous_file
from hub.keys.master_key import read_master_key

if TYPE_CHECKING:
    from hub.db.database import Database


@dataclass(frozen=True)
class TenantKeyStatus:
    """A tenant's key: its newest generation, since when, and how many older ones are not destroyed yet."""

    tenant_id: str
    generation: int
    since: datetime
    retired: int


@dataclass(frozen=True)
class KeyStatus:
    """`master` names the key in force, `since` when the key store first saw it.

    `rotating` says that a rotation of the master key was begun and not finished; `under_other_masters` counts the rows
    that it has not reached. `tenants_rotating` are tenants with a generation that is not destroyed yet.
    """

    master: str
    since: datetime | None
    rotating: bool
    under_other_masters: int
    tenants: int
    tenants_rotating: tuple[TenantKeyStatus, ...]


def key_status(database: Database) -> KeyStatus:
    """Read it. HubError as `read_master_key`."""
    path = database.settings.master_key_file
    current = read_master_key(path).fingerprint
    available(path)
    with database.master_keys() as connection:
        known = dict(connection.execute("SELECT fingerprint, created_at FROM keys.master").fetchall())
        newest = connection.execute(
            "SELECT fingerprint FROM keys.master WHERE retired_at IS NULL ORDER BY created_at DESC LIMIT 1"
        ).fetchone()
    in_force = newest[0] if newest else current
    with database.custody() as connection:
        rows = connection.execute(
            "SELECT tenant_id, max(generation), max(created_at), count(*) - 1,"
            " count(*) FILTER (WHERE master_fingerprint IS DISTINCT FROM %s)"
            " FROM keys.tenant_keys WHERE destroyed_at IS NULL GROUP BY tenant_id ORDER BY tenant_id",
            (in_force,),
        ).fetchall()
    return KeyStatus(
        master=in_force,
        since=known.get(in_force),
        rotating=next_file(path).exists() or previous_file(path).exists(),
        under_other_masters=sum(row[4] for row in rows),
        tenants=len(rows),
        tenants_rotating=tuple(TenantKeyStatus(*row[:4]) for row in rows if row[3]),
    )
