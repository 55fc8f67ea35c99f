"""How a package reaches the person: a link that works once, and a passphrase that takes another way.

Only the hash of the link's token is stored, so nobody who reads the database can download anything. The passphrase is
sealed under the tenant's key until it is shown, which happens once.

Whoever comes with a link that was used or is too old, or asks for the passphrase once more, is refused, and the log has
the attempt. A token that leads to no package has no log to stand in: anybody could fill one with invented tokens.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING
from uuid import UUID

from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.export import record
from hub.kvkk.export.order import exports_directory

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring

PATH = "/kvkk/exports/"
_TOKEN_BYTES = 32
REFUSALS_AN_HOUR = 20
"""Refused attempts with one package's link that are entered in an hour: a log that strangers write to must not fill."""


@dataclass(frozen=True)
class Link:
    """A one-time link. `token` is known to nobody else and stored nowhere. Its `repr` hides it."""

    export_id: UUID
    token: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """What stands behind the installation's address."""
        return PATH + self.token

    def __repr__(self) -> str:
        return f"Link(export_id={self.export_id}, expires_at={self.expires_at.isoformat()})"


@dataclass(frozen=True)
class Target:
    """Which package a token leads to."""

    tenant_id: str
    export_id: UUID


def issue_link(database: Database, tenant_id: str, export_id: UUID, actor: audit.Actor) -> Link:
    """A new link to a package; an earlier one to it works no more. HubError `export_unknown`, `export_not_ready`.

    The package can be had for `HUB_EXPORT_DAYS` from now on.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "UPDATE hub.exports SET state = 'ready', link_hash = %s, link_expires_at = now() + %s"
            " WHERE tenant_id = %s AND export_id = %s AND state IN ('ready', 'downloaded') AND file_name IS NOT NULL"
            " RETURNING link_expires_at",
            (_hash(token), timedelta(days=database.settings.export_days), tenant_id, export_id),
        ).fetchone()
        if row is None:
            found = record.read(connection, tenant_id, export_id)
            raise HubError("export_not_ready", export=str(export_id), state=found.state)
        audit.append(connection, tenant_id, _entry(export_id, actor, "export_link_issued"))
    return Link(export_id, token, row[0])


def target_of(database: Database, token: str, *, ip: str | None = None) -> Target | None:
    """The package that a token opens now; None for one that is unknown, used or expired, without telling which."""
    target = _known(database, token)
    if target is None:
        return None
    with database.tenant(target.tenant_id, "app") as connection:
        alive = connection.execute(
            "SELECT 1 FROM hub.exports WHERE tenant_id = %s AND export_id = %s AND state = 'ready' AND link_hash = %s"
            " AND link_expires_at > now()",
            (target.tenant_id, target.export_id, _hash(token)),
        ).fetchone()
    if alive:
        return target
    _enter_refused(database, target, ip)
    return None


def _known(database: Database, token: str) -> Target | None:
    with database.crossing("resolver") as connection:
        row = connection.execute(
            "SELECT tenant_id, export_id FROM hub.exports WHERE link_hash = %s", (_hash(token),)
        ).fetchone()
    return Target(*row) if row else None


def _enter_refused(database: Database, target: Target, ip: str | None) -> None:
    """Enter that a link was tried which works no more. Several at once are counted one after the other."""
    about = f"export:{target.export_id}"
    with database.tenant(target.tenant_id, "app") as connection:
        audit.hold(connection, target.tenant_id)
        state, tried = connection.execute(
            "SELECT (SELECT state FROM hub.exports WHERE tenant_id = %(tenant)s AND export_id = %(export)s),"
            " (SELECT count(*) FROM hub.audit_log WHERE tenant_id = %(tenant)s AND action = 'export_link_refused'"
            "  AND object = %(about)s AND at > clock_timestamp() - interval '1 hour')",
            {"tenant": target.tenant_id, "export": target.export_id, "about": about},
        ).fetchone() or (None, 0)
        if tried >= REFUSALS_AN_HOUR:
            return
        code = "export_link_used" if state == "downloaded" else "export_link_expired"
        entry = _entry(target.export_id, audit.Actor("link", "data_subject", ip), "export_link_refused", result=code)
        audit.append(connection, target.tenant_id, entry)


def take_by_link(database: Database, token: str, *, ip: str | None) -> IO[bytes] | None:
    """The package's file, open, its link used up; None as for `target_of`. The caller closes the file."""
    target = target_of(database, token, ip=ip)
    if target is None:
        return None
    with database.tenant(target.tenant_id, "app") as connection:
        # Whoever comes second waits here, and finds that the link has been used.
        row = connection.execute(
            # The hash stays: it opens nothing in this state, and tells whose link it is that somebody tries again.
            "UPDATE hub.exports SET state = 'downloaded', downloaded_at = now()"
            " WHERE tenant_id = %s AND export_id = %s AND state = 'ready' AND link_hash = %s"
            " AND link_expires_at > now() RETURNING file_name, bytes",
            (target.tenant_id, target.export_id, _hash(token)),
        ).fetchone()
        if row is not None:
            # Opened before the commit: a link is not used up by a file that is not there.
            file = _opened(database, row[0], target.export_id)
            actor = audit.Actor("link", "data_subject", ip)
            entry = _entry(target.export_id, actor, "export_downloaded", count=row[1])
            audit.append(connection, target.tenant_id, entry)
            return file
    _enter_refused(database, target, ip)
    return None


def take_as_operator(database: Database, tenant_id: str, export_id: UUID, actor: audit.Actor) -> IO[bytes]:
    """The package's file, open, for an operator who hands it over. HubError as for `issue_link`, `export_file_gone`."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT file_name, bytes FROM hub.exports WHERE tenant_id = %s AND export_id = %s"
            " AND state IN ('ready', 'downloaded') AND file_name IS NOT NULL",
            (tenant_id, export_id),
        ).fetchone()
        if row is None:
            found = record.read(connection, tenant_id, export_id)
            raise HubError("export_not_ready", export=str(export_id), state=found.state)
        file = _opened(database, row[0], export_id)
        audit.append(connection, tenant_id, _entry(export_id, actor, "export_downloaded", count=row[1]))
    return file


def passphrase_once(database: Database, keyring: Keyring, tenant_id: str, export_id: UUID, actor: audit.Actor) -> str:
    """The passphrase, which is then forgotten. HubError `export_unknown`, `export_passphrase_gone`."""
    with database.tenant(tenant_id, "app") as connection:
        record.read(connection, tenant_id, export_id)
        sealed = _forget_passphrase(connection, tenant_id, export_id)
        result = "ok" if sealed is not None else "export_passphrase_gone"
        audit.append(connection, tenant_id, _entry(export_id, actor, "export_passphrase_shown", result=result))
        if sealed is not None:
            return keyring.tenant(tenant_id).open("export-passphrase", str(export_id), sealed).decode()
    # Only now: what is raised inside takes the entry of the attempt back.
    raise HubError("export_passphrase_gone", export=str(export_id))


def _forget_passphrase(connection: Connection, tenant_id: str, export_id: UUID) -> bytes | None:
    row = connection.execute(
        "SELECT sealed_key FROM hub.exports WHERE tenant_id = %s AND export_id = %s FOR UPDATE", (tenant_id, export_id)
    ).fetchone()
    connection.execute(
        "UPDATE hub.exports SET sealed_key = NULL WHERE tenant_id = %s AND export_id = %s", (tenant_id, export_id)
    )
    return bytes(row[0]) if row and row[0] is not None else None


def _opened(database: Database, name: str, export_id: UUID) -> IO[bytes]:
    try:
        return (exports_directory(database.settings) / name).open("rb")
    except FileNotFoundError:
        raise HubError("export_file_gone", export=str(export_id)) from None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _entry(
    export_id: UUID, actor: audit.Actor, action: str, *, count: int | None = None, result: str = "ok"
) -> audit.Entry:
    return audit.Entry(actor, action, f"export:{export_id}", result=result, purpose="subject_request", count=count)
