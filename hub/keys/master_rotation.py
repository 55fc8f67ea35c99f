"""Rotates the master key while the hub works: every wrapped tenant key is wrapped anew under a new one.

The new key lies in its file before the key store names it, and is in force before the first row is wrapped under it;
the old one stays beside it until no row names it. So a process that starts, stops or is killed at any moment finds
every key it needs, and a second run goes on where the first one ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.keys import master_files, tenant_rows
from hub.keys.master_key import read_master_key
from hub.keys.masters import Masters
from hub.keys.rotation_stages import StageHook, no_hook
from hub.kvkk import audit

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Connection, Database
    from hub.keys.master_key import MasterKey
    from hub.kvkk.audit import Actor


@dataclass(frozen=True)
class MasterRotated:
    """The key in force by its fingerprint, and how many rows of tenants this run wrapped anew."""

    fingerprint: str
    rewrapped: int


def rotate_master(
    database: Database,
    *,
    actor: Actor,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    hook: StageHook = no_hook,
) -> MasterRotated:
    """Rotate, or finish a rotation that was cut short. `on_progress` gets tenants done and in all.

    HubError `rotation_under_way` while another process rotates, and whatever makes a master key unfit.
    """
    path = database.settings.master_key_file
    with master_files.rotating(path):
        masters = Masters(read_master_key(path), path)
        masters.recognise(database)
        new = _begin(database, actor, hook)
        master_files.switch(path)
        hook("switched")
        rewrapped = 0
        while not _retire_others(database, new):
            rewrapped += _rewrap(database, masters, new, on_progress, hook)
        hook("retired")
        _enter(database, actor, "master_key_rotated", new, rewrapped)
        master_files.remove_previous(path)
    return MasterRotated(new.fingerprint, rewrapped)


def _begin(database: Database, actor: Actor, hook: StageHook) -> MasterKey:
    """The key that all rows are to be wrapped under: a new one, or that of the rotation under way."""
    path = database.settings.master_key_file
    current = read_master_key(path)
    if master_files.next_file(path).exists():
        new = read_master_key(master_files.next_file(path))
    elif master_files.previous_file(path).exists():
        return current
    else:
        new = master_files.write_next(path)
    hook("written")
    _enter(database, actor, "master_key_rotation_began", new)
    with database.master_keys() as connection:
        # Whoever wraps a new tenant's keys shares this lock: under the old key before it, under the new one after it.
        connection.execute("SELECT FROM keys.master FOR UPDATE")
        connection.execute(
            "INSERT INTO keys.master (fingerprint, created_at) VALUES (%s, clock_timestamp()) ON CONFLICT DO NOTHING",
            (new.fingerprint,),
        )
    hook("begun")
    return new


def _rewrap(
    database: Database,
    masters: Masters,
    new: MasterKey,
    on_progress: Callable[[int, int], None],
    hook: StageHook,
) -> int:
    with database.custody() as connection:
        tenants = [
            row[0]
            for row in connection.execute(
                "SELECT DISTINCT tenant_id FROM keys.tenant_keys"
                " WHERE destroyed_at IS NULL AND master_fingerprint IS DISTINCT FROM %s ORDER BY tenant_id",
                (new.fingerprint,),
            )
        ]
    rewrapped = 0
    for number, tenant_id in enumerate(tenants, start=1):
        with database.tenant_keys(tenant_id) as connection:
            rewrapped += _rewrap_tenant(connection, tenant_id, masters, new)
        on_progress(number, len(tenants))
        hook("wrapped")
    return rewrapped


def _rewrap_tenant(connection: Connection, tenant_id: str, masters: Masters, new: MasterKey) -> int:
    rows = [
        row
        for row in tenant_rows.living(connection, tenant_id, lock="FOR UPDATE")
        if row.master_fingerprint != new.fingerprint
    ]
    for row in rows:
        anew = tenant_rows.wrap(tenant_id, row.generation, row.unwrap(masters, tenant_id), new)
        connection.execute(
            "UPDATE keys.tenant_keys SET wrapped_encryption_key = %s, wrapped_pseudonym_key = %s,"
            " wrapped_suppression_key = %s, master_fingerprint = %s WHERE tenant_id = %s AND generation = %s",
            (*anew, new.fingerprint, tenant_id, row.generation),
        )
    return len(rows)


def _retire_others(database: Database, new: MasterKey) -> bool:
    """Whether every row is under the new key, and the others are therefore retired."""
    with database.master_keys() as connection:
        # Nobody can be wrapping a row meanwhile: see `Masters.wrapping`.
        connection.execute("SELECT FROM keys.master FOR UPDATE")
        with database.custody() as custody:
            left = custody.execute(
                "SELECT EXISTS (SELECT FROM keys.tenant_keys"
                " WHERE destroyed_at IS NULL AND master_fingerprint IS DISTINCT FROM %s)",
                (new.fingerprint,),
            ).fetchone()
        if left is None or left[0]:
            return False
        connection.execute(
            "UPDATE keys.master SET retired_at = now() WHERE fingerprint <> %s AND retired_at IS NULL",
            (new.fingerprint,),
        )
    return True


def _enter(database: Database, actor: Actor, action: str, key: MasterKey, count: int | None = None) -> None:
    with database.without_tenant() as connection:
        audit.append_platform(connection, audit.Entry(actor, action, f"master-key:{key.fingerprint}", count=count))
